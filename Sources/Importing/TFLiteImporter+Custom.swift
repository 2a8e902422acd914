import GraphIR
import Operators
import Support

/// Custom operators of TFLite, by their own names, and what they become.
extension TFLiteImporter {
  static let custom: [String: TFLiteConverter] = [
    "TFLite_Detection_PostProcess": { node in
      guard let options = FlexBufferMap(node.customOptions) else {
        throw Diagnostic(.noMap)
      }
      var conversion = node.becomes(try DetectionPostProcess(options))
      // Writers of files leave the shapes of its results out.
      conversion.infersShapes = true
      return conversion
    }
  ]
}

extension DetectionPostProcess {
  fileprivate init(_ options: FlexBufferMap) throws {
    func real(_ key: String) throws -> Float {
      guard let number = options[key] else { throw Diagnostic(.missingOption(key)) }
      return Float(number)
    }
    func integer(_ key: String) throws -> Int {
      guard let number = Int(exactly: try real(key)) else { throw Diagnostic(.missingOption(key)) }
      return number
    }
    self.init(
      detections: try integer("max_detections"),
      classesPerDetection: try integer("max_classes_per_detection"),
      detectionsPerClass: options["detections_per_class"].flatMap(Int.init(exactly:)) ?? 100,
      suppressesByClass: (options["use_regular_nms"] ?? 0) != 0,
      scoreThreshold: try real("nms_score_threshold"),
      overlapThreshold: try real("nms_iou_threshold"), classes: try integer("num_classes"),
      scales: try ["y_scale", "x_scale", "h_scale", "w_scale"].map(real))
  }
}

extension Diagnostic.Message {
  fileprivate static var noMap: Self {
    Self(id: "bad-custom-options", .malformed, "the operator's options are no map of numbers")
  }

  fileprivate static func missingOption(_ key: String) -> Self {
    Self(id: "bad-custom-options", .malformed, "the operator's option `\(key)` is missing or wrong")
  }
}
