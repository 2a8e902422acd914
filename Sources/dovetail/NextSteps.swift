import Foundation
import Reporting

/// What is told at the end of `quantize`: what was written, and which command is useful next.
struct NextSteps {
  private let command: QuantizeCommand

  init(_ command: QuantizeCommand) { self.command = command }

  /// Below it, in decibels, there is something to be done.
  private static let lowSQNR = 20.0

  /// After a plan was written.
  var afterPlan: [String] {
    [
      "next: dovetail quantize \(model)\(calibration) --plan \(Self.quoted(command.output)) -o FILE"
    ]
  }

  /// After a model was written.
  ///
  /// - Parameters:
  ///   - byteCount: of the file.
  ///   - report: nil if layers were not compared.
  func after(_ byteCount: Int, _ report: QuantizationReport?, isNoise: Bool) -> [String] {
    let output = Self.quoted(command.output)
    var lines = ["wrote \(output): \(Figures.grouped(byteCount)) bytes\(original)"]
    if isNoise {
      lines.append("next: give real samples with --calibration DATA")
    } else {
      lines.append(
        "next: dovetail evaluate \(output) --against \(model) --data X.npy --labels Y.npy"
          + preprocessing)
    }
    if !isNoise, !command.mixed.isAsked,
      let last = report?.layers.layers.last?.run.sqnrDecibels, last < Self.lowSQNR
    {
      lines.append(
        command.choices.methods == ["none"]
          ? "to lose less: leave out `--method none`, or --mixed --max-drop 1 for a scheme per layer"
          : "to lose less: --mixed --max-drop 1 for a scheme per layer")
    }
    return lines
  }

  private var model: String { Self.quoted(command.model.model) }

  private var calibration: String {
    let files = command.samples.calibration
    let names = files.map(Self.quoted).joined(separator: " ")
    return files.isEmpty ? "" : " --calibration \(names)\(preprocessing)"
  }

  /// Without it, other numbers would be read than those that ranges were learned from.
  private var preprocessing: String {
    let text = command.samples.preparation.preprocess
    return text.isEmpty ? "" : " --preprocess \(Self.quoted(text))"
  }

  /// The size of the file that was quantized; nothing if it is a folder.
  private var original: String {
    let attributes = try? FileManager.default.attributesOfItem(atPath: command.model.model)
    guard attributes?[.type] as? FileAttributeType == .typeRegular,
      let size = attributes?[.size] as? Int
    else { return "" }
    return ", from \(Figures.grouped(size))"
  }

  /// As a shell takes it for one word.
  private static func quoted(_ text: String) -> String {
    let isPlain = text.allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+=:,".contains($0))
    }
    return isPlain && !text.isEmpty ? text : "'\(text.replacing("'", with: "'\\''"))'"
  }
}
