import ProgramSchema
import Support

/// The commands of a program by kind, as structs of C: the form in which files store them.
struct CommandColumns {
  /// All commands; the n-th of a kind is element n of its column.
  private(set) var order: [dvp_command] = []
  private(set) var copies: [dovetail_copy] = []
  private(set) var loads: [dovetail_load] = []
  private(set) var convolutions: [dovetail_convolve] = []
  private(set) var rescalings: [dovetail_rescale] = []
  private(set) var poolings: [dovetail_pool] = []
  private(set) var additions: [dovetail_add] = []
  private(set) var softmaxes: [dovetail_softmax] = []
  private(set) var calls: [HostCall] = []

  /// - Precondition: the program is sound, so that its numbers fit the fields.
  init(_ program: Program) {
    for command in program.commands {
      let kind = append(command.action)
      order.append(dvp_command(command, kind))
    }
  }

  private mutating func append(_ action: Action) -> dovetail_kind {
    switch action {
    case .copy(let from, let to):
      copies.append(dovetail_copy(from: from, to: to))
      return dovetail_kind_copy
    case .load(let load):
      loads.append(dovetail_load(load))
      return dovetail_kind_load
    case .convolve(let convolve):
      convolutions.append(dovetail_convolve(convolve))
      return dovetail_kind_convolve
    case .rescale(let rescale):
      rescalings.append(dovetail_rescale(rescale))
      return dovetail_kind_rescale
    case .pool(let pool):
      poolings.append(dovetail_pool(pool))
      return dovetail_kind_pool
    case .add(let add):
      additions.append(dovetail_add(add))
      return dovetail_kind_add
    case .softmax(let softmax):
      softmaxes.append(dovetail_softmax(softmax))
      return dovetail_kind_softmax
    case .callHost(let call):
      calls.append(call)
      return dovetail_kind_call
    }
  }
}

extension CommandColumns {
  /// Reads the columns of a file.
  init(_ root: ProgramTable, _ calls: [HostCall]) {
    order = root.items("commands")
    copies = root.items("copies")
    loads = root.items("loads")
    convolutions = root.items("convolutions")
    rescalings = root.items("rescalings")
    poolings = root.items("poolings")
    additions = root.items("additions")
    softmaxes = root.items("softmaxes")
    self.calls = calls
  }

  /// The commands in their order.
  ///
  /// - Throws: a `Diagnostic` for a command that is not known, or is missing, or holds what cannot be.
  func commands() throws -> [Command] {
    var next = Array(repeating: 0, count: Self.columns.count)
    let commands = try order.enumerated().map { index, command in
      guard Self.columns.indices.contains(Int(command.kind)) else {
        throw Diagnostic(
          .unknownCommand(Int(command.kind)), at: "commands[\(index)]",
          help: ProgramTable.newerHelp)
      }
      let position = next[Int(command.kind)]
      next[Int(command.kind)] += 1
      return Command(
        action: try action(Int(command.kind), position), layer: Int(command.layer),
        dependencies: try Dependencies(command, index))
    }
    for (kind, count) in next.enumerated() where count != self.count(kind) {
      throw Diagnostic(.leftOver(Self.columns[kind]), help: ProgramTable.help)
    }
    return commands
  }

  /// In the order of the numbers of kinds.
  private static let columns = [
    "copies", "loads", "convolutions", "rescalings", "poolings", "additions", "softmaxes", "calls",
  ]

  private func count(_ kind: Int) -> Int {
    [
      copies.count, loads.count, convolutions.count, rescalings.count, poolings.count,
      additions.count, softmaxes.count, calls.count,
    ][kind]
  }

  private func action(_ kind: Int, _ position: Int) throws -> Action {
    guard position < count(kind) else {
      throw Diagnostic(.missing(Self.columns[kind], position), help: ProgramTable.help)
    }
    do {
      switch kind {
      case 0: return .copy(from: Span(copies[position].from), to: Span(copies[position].to))
      case 1: return .load(try Load(loads[position]))
      case 2: return .convolve(try Convolve(convolutions[position]))
      case 3: return .rescale(try Rescale(rescalings[position]))
      case 4: return .pool(try Pool(poolings[position]))
      case 5: return .add(try AddTiles(additions[position]))
      case 6: return .softmax(try SoftmaxRows(softmaxes[position]))
      default: return .callHost(calls[position])
      }
    } catch StructProblem.field(let field, let number) {
      throw Diagnostic(
        .impossibleField(field, number), at: "\(Self.columns[kind])[\(position)]",
        help: ProgramTable.help)
    }
  }
}

extension dvp_command {
  fileprivate init(_ command: Command, _ kind: dovetail_kind) {
    func after(_ engine: Engine) -> Int32 { command.dependencies[engine].map { Int32($0) } ?? -1 }
    self.init(
      kind: Int32(kind.rawValue), layer: Int32(command.layer), after_mover: after(.mover),
      after_reader: after(.reader), after_array: after(.array), after_output: after(.output),
      after_host: after(.host))
  }
}

extension Dependencies {
  fileprivate init(_ command: dvp_command, _ index: Int) throws {
    self.init()
    let numbers = [
      command.after_mover, command.after_reader, command.after_array, command.after_output,
      command.after_host,
    ]
    for (engine, number) in zip(Engine.allCases, numbers) where number != -1 {
      guard number >= 0 else {
        throw Diagnostic(
          .impossibleField("after_\(engine)", number), at: "commands[\(index)]",
          help: ProgramTable.help)
      }
      insert(Int(number), on: engine)
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func unknownCommand(_ kind: Int) -> Self {
    Self(id: "unknown-in-program", .unsupported, "there is no command of kind \(kind)")
  }

  fileprivate static func missing(_ column: String, _ position: Int) -> Self {
    Self(id: "bad-program-file", .malformed, "`\(column)[\(position)]` is missing")
  }

  fileprivate static func leftOver(_ column: String) -> Self {
    Self(id: "bad-program-file", .malformed, "there are more `\(column)` than commands of the kind")
  }

  fileprivate static func impossibleField(_ field: String, _ number: Int32) -> Self {
    Self(id: "bad-program-file", .malformed, "`\(field)` is \(number), which cannot be")
  }
}
