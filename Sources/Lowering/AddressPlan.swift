import GraphIR
import Support

/// Where values and staged constants lie.
struct AddressPlan {
  /// Who owns planned bytes.
  enum Owner: Hashable {
    case value(ValueID)
    /// The staged constants of a layer.
    case constants(Int)

    var kind: Program.Allocation.Kind {
      switch self {
      case .value: .value
      case .constants: .stagedConstants
      }
    }
  }

  /// Bytes that need a place in a memory while some layers run.
  struct Item {
    let owner: Owner
    let memory: Int
    let byteCount: Int
    let life: ClosedRange<Int>
  }

  /// Everything planned, in the order in which it was asked for.
  let items: [Item]
  private var spans: [Owner: Span] = [:]
  private var uses: [Int: (end: Int, lowerBound: Int)] = [:]

  /// - Parameters:
  ///   - items: in a fixed order, so that plans are reproducible.
  ///   - bases: for each memory the address from which on it is planned, a multiple of the alignment.
  init(_ items: [Item], bases: [Int]) {
    self.items = items
    for (memory, base) in bases.enumerated() {
      let inMemory = items.filter { $0.memory == memory }
      guard !inMemory.isEmpty else { continue }
      let plan = MemoryPlan(
        inMemory.map { MemoryPlan.Block(byteCount: $0.byteCount, life: $0.life) },
        alignment: ConstantImage.alignment, isTight: true)
      for (item, offset) in zip(inMemory, plan.offsets) {
        spans[item.owner] = Span(
          memory: memory, address: base + offset, byteCount: item.byteCount)
      }
      uses[memory] = (base + plan.byteCount, base + plan.lowerBound)
    }
  }

  subscript(owner: Owner) -> Span? { spans[owner] }

  /// How much of a memory is taken: its end, and the least that any plan would take.
  func use(of memory: Int) -> (end: Int, lowerBound: Int) { uses[memory] ?? (0, 0) }
}
