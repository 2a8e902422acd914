import ProgramSchema

/// A program in the form of `dovetail_device.h`, for devices behind the C interface.
///
/// A class because it owns the memory that the structs refer to, which stays where it is as long as this lives.
package final class DeviceProgram {
  /// What the device gets.
  package let form: UnsafeMutablePointer<dovetail_program>
  /// The nodes that the host computes, by the number in their command.
  package private(set) var calls: [HostCall] = []
  private var owned: [UnsafeMutableRawPointer] = []

  /// - Precondition: the program is sound.
  package init(_ program: Program) {
    form = .allocate(capacity: 1)
    form.initialize(to: dovetail_program())
    form.pointee.program_size = UInt32(MemoryLayout<dovetail_program>.size)
    form.pointee.command_size = UInt32(MemoryLayout<dovetail_command>.size)
    form.pointee.name = UnsafePointer(text(program.name))
    form.pointee.target_name = UnsafePointer(text(program.target.name))
    form.pointee.constants_memory = program.constantsMemory.map { Int32($0) } ?? -1
    form.pointee.image = bytes(program.image)
    setLists(of: program)
  }

  deinit {
    owned.forEach { $0.deallocate() }
    form.deallocate()
  }

  private func setLists(of program: Program) {
    let memories = program.memories.map { memory in
      dovetail_memory(
        name: UnsafePointer(text(memory.name)), byte_count: Int64(memory.byteCount),
        used_byte_count: Int64(memory.usedBytes))
    }
    form.pointee.memories = list(memories)
    form.pointee.memory_count = memories.count
    form.pointee.codes = list(program.codes.map(bytes))
    form.pointee.code_count = program.codes.count
    form.pointee.commands = list(program.commands.map(command))
    form.pointee.command_count = program.commands.count
    form.pointee.inputs = list(program.inputs.map { dovetail_span($0.span) })
    form.pointee.input_count = program.inputs.count
    form.pointee.outputs = list(program.outputs.map { dovetail_span($0.span) })
    form.pointee.output_count = program.outputs.count
  }

  private func command(_ command: Command) -> dovetail_command {
    var form = dovetail_command()
    form.layer = Int32(command.layer)
    func after(_ engine: Engine) -> Int32 { command.dependencies[engine].map { Int32($0) } ?? -1 }
    form.after = (after(.mover), after(.reader), after(.array), after(.output), after(.host))
    let (kind, action) = self.action(command.action)
    form.kind = Int32(kind.rawValue)
    form.action = action
    return form
  }

  private typealias ActionForm = dovetail_command.__Unnamed_union_action

  private func action(_ action: Action) -> (dovetail_kind, ActionForm) {
    switch action {
    case .copy(let from, let to):
      (dovetail_kind_copy, ActionForm(copy: dovetail_copy(from: from, to: to)))
    case .load(let load): (dovetail_kind_load, ActionForm(load: dovetail_load(load)))
    case .convolve(let convolve):
      (dovetail_kind_convolve, ActionForm(convolve: dovetail_convolve(convolve)))
    case .rescale(let rescale):
      (dovetail_kind_rescale, ActionForm(rescale: dovetail_rescale(rescale)))
    case .pool(let pool): (dovetail_kind_pool, ActionForm(pool: dovetail_pool(pool)))
    case .add(let add): (dovetail_kind_add, ActionForm(add: dovetail_add(add)))
    case .softmax(let softmax):
      (dovetail_kind_softmax, ActionForm(softmax: dovetail_softmax(softmax)))
    case .callHost(let call): (dovetail_kind_call, ActionForm(call: self.call(call)))
    }
  }

  private func call(_ call: HostCall) -> dovetail_call {
    calls.append(call)
    return dovetail_call(
      number: Int32(calls.count - 1), operand_count: Int32(call.operands.count),
      result_count: Int32(call.results.count), reserved: 0,
      operands: list(call.operands.map { dovetail_span($0) }),
      results: list(call.results.map { dovetail_span($0) }))
  }

  /// A copy of a list of C structs; never null, so that an empty one is a list too.
  private func list<Element>(_ elements: [Element]) -> UnsafePointer<Element> {
    let copy = UnsafeMutablePointer<Element>.allocate(capacity: elements.count + 1)
    copy.initialize(from: elements, count: elements.count)
    owned.append(UnsafeMutableRawPointer(copy))
    return UnsafePointer(copy)
  }

  private func text(_ text: String) -> UnsafePointer<CChar> { list(Array(text.utf8CString)) }

  private func bytes(_ bytes: [UInt8]) -> dovetail_bytes {
    dovetail_bytes(bytes: list(bytes), byte_count: Int64(bytes.count))
  }
}
