import GraphIR

/// The forms in which a graph is written to a file that other tools read.
public enum ModelFormat: String, Hashable, Sendable, CaseIterable {
  case onnx, tflite
  /// The text form of this tool, with all constants.
  case graph
}
