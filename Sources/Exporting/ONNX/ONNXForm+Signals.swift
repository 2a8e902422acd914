import ONNXSchema
import Operators
import Tensors

extension ONNXForm {
  /// Transforms of signals.
  static let signals: [ONNXForm] = [
    ONNXForm(DFT.self) { op, site, writer in
      // The axis was an attribute before version 20, and one side had no inverse.
      writer.file.require(20)
      let x = try writer.real(site.operands[0])
      let length = op.length == 0 ? "" : writer.file.scalar(Double(op.length), .i64, "length")
      let axis = writer.file.scalar(Double(op.axis), .i64, "axis")
      let result = writer.file.add(
        "DFT", [x, length, axis],
        [.flag("inverse", op.isInverse), .flag("onesided", op.isOneSided)])
      writer.define(site.results[0], writer.plainOrder(site.results[0]), as: result)
    },
    ONNXForm(STFT.self) { op, site, writer in
      writer.file.require(17)
      let signal = try writer.real(site.operands[0])
      let rank3 = site.shape(0).rank == 3
      let x = rank3 ? signal : writer.file.reshape(signal, site.shape(0).extents + [1])
      let window = try site.operands.dropFirst().first.map { try writer.real($0) } ?? ""
      let step = writer.file.scalar(Double(op.frameStep), .i64, "frame_step")
      let length = writer.file.scalar(Double(op.frameLength), .i64, "frame_length")
      let result = writer.file.add(
        "STFT", [x, step, window, length], [.flag("onesided", op.isOneSided)])
      writer.define(site.results[0], writer.plainOrder(site.results[0]), as: result)
    },
  ]
}
