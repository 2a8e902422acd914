import GraphIR
import Tensors

/// The optional groups of operands that an LSTM layer has.
public struct LSTMGroups: Hashable, Sendable {
  /// Whether the input gate is `1 − forget gate` and has no operands (CIFG).
  public var isCoupled = false
  /// Whether gates see the state of the cells.
  public var hasPeephole = false
  /// Whether results are projected to another width.
  public var hasProjection = false
  /// Whether the projection has a bias.
  public var hasProjectionBias = false
  /// Whether sums are normalized over the cells.
  public var hasLayerNormalization = false
  /// Whether weights of a second input are there.
  public var hasAuxiliaryWeights = false

  /// A plain layer.
  public init() {}
}

/// Where the operands of one direction of an LSTM layer stand. Lists are by gate: input, forget, cell and output gate;
/// nil stands for what the layer does not have.
struct LSTMLayout {
  let groups: LSTMGroups
  private(set) var input: [Int?] = []
  private(set) var recurrent: [Int?] = []
  private(set) var peephole: [Int?] = []
  private(set) var bias: [Int?] = []
  private(set) var projection: Int?
  private(set) var projectionBias: Int?
  private(set) var outputState = 0
  private(set) var cellState = 0
  private(set) var normalization: [Int?] = [nil, nil, nil, nil]
  private(set) var auxiliary: [Int?] = [nil, nil, nil, nil]

  /// The weights, biases and projection that come from `position` on.
  init(_ groups: LSTMGroups, from position: inout Int) {
    self.groups = groups
    input = gates(true, &position)
    recurrent = gates(true, &position)
    peephole = gates(groups.hasPeephole, leavingOut: 2, &position)
    bias = gates(true, &position)
    projection = take(groups.hasProjection, &position)
    projectionBias = take(groups.hasProjectionBias, &position)
  }

  mutating func placeStates(from position: inout Int) {
    outputState = position
    cellState = position + 1
    position += 2
  }

  mutating func placeNormalization(from position: inout Int) {
    normalization = gates(groups.hasLayerNormalization, &position)
  }

  mutating func placeAuxiliary(from position: inout Int) {
    auxiliary = gates(groups.hasAuxiliaryWeights, &position)
  }

  private func gates(_ areThere: Bool, leavingOut gate: Int? = nil, _ position: inout Int)
    -> [Int?]
  {
    (0..<4).map { take(areThere && $0 != gate && !($0 == 0 && groups.isCoupled), &position) }
  }

  private func take(_ isThere: Bool, _ position: inout Int) -> Int? {
    guard isThere else { return nil }
    defer { position += 1 }
    return position
  }
}

extension LSTMLayout {
  /// The number of cells, which the output gate's weights tell.
  func cells(_ operands: [TensorType]) -> Int {
    operands[input[3]!].shape[0]  // the output gate is always there
  }

  /// The width of the result, which the output gate's recurrent weights tell.
  func outputs(_ operands: [TensorType]) -> Int {
    operands[recurrent[3]!].shape[1]  // as above
  }

  /// All operands have the shapes that the output gate's weights and the input ask for.
  func checkShapes(
    _ operands: [TensorType], _ sequence: RecurrentSequence, auxiliaryWidth: Int = 0, _ kind: String
  ) throws {
    try ElementChecks.rank(operands, input[3]!, 2, kind)  // the output gate is always there
    try ElementChecks.rank(operands, recurrent[3]!, 2, kind)  // as above
    let cells = cells(operands)
    let outputs = groups.hasProjection ? outputs(operands) : cells
    func check(_ positions: [Int?], _ shape: Shape) throws {
      for case let position? in positions {
        try ElementChecks.shape(operands, position, shape, kind)
      }
    }
    try check(input, [cells, sequence.width])
    try check(recurrent, [cells, outputs])
    try check(auxiliary, [cells, auxiliaryWidth])
    try check(peephole + bias + normalization, [cells])
    try check([projection], [outputs, cells])
    try check([projectionBias], [outputs])
    try RecurrentChecks.state(operands, outputState, sequence, width: outputs, kind)
    try RecurrentChecks.state(operands, cellState, sequence, width: cells, kind)
  }

  /// Puts the element types of one arithmetic in the places of this direction's operands.
  func placeElements(_ form: LSTMElements, in elements: inout [ElementType]) {
    let matrices = input + recurrent + auxiliary + [projection]
    for case let position? in matrices { elements[position] = form.weights }
    for case let position? in peephole { elements[position] = form.peephole }
    for case let position? in bias + [projectionBias] { elements[position] = form.bias }
    for case let position? in normalization { elements[position] = form.normalization }
    elements[outputState] = form.activations
    elements[cellState] = form.cells
  }

  /// Multiplications for each row of the input.
  func macs(_ operands: [TensorType]) -> Int {
    (input + recurrent + auxiliary + peephole + [projection]).compactMap { $0 }
      .reduce(0) { Work.sum($0, operands[$1].elementCount) }
  }
}

/// The element types of an LSTM layer.
struct LSTMElements {
  let activations: ElementType
  let weights: ElementType
  let peephole: ElementType
  let bias: ElementType
  let normalization: ElementType
  let cells: ElementType

  /// All in floats.
  static let float = LSTMElements(
    activations: .f32, weights: .f32, peephole: .f32, bias: .f32, normalization: .f32, cells: .f32)
  /// Floats with weights of 8 bits.
  static let hybrid = LSTMElements(
    activations: .f32, weights: .i8, peephole: .i8, bias: .f32, normalization: .f32, cells: .f32)
  /// All in integers.
  static let integer = LSTMElements(
    activations: .i8, weights: .i8, peephole: .i16, bias: .i32, normalization: .i16, cells: .i16)
}
