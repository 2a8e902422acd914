import GraphIR
import Operators
import Support

/// Custom operators of TFLite, and those of ours that are written as such.
extension TFLiteExporter {
  static let custom = [
    TFLiteEncoder(DetectionPostProcess.self) { op, _ in
      var operation = TFLiteOperation("TFLite_Detection_PostProcess")
      operation.customOptions = FlexBufferWriter.map(op.options)
      return operation
    }
  ]
}

extension DetectionPostProcess {
  fileprivate var options: [String: FlexBufferWriter.Number] {
    var options: [String: FlexBufferWriter.Number] = [
      "max_detections": .integer(detections),
      "max_classes_per_detection": .integer(classesPerDetection),
      "detections_per_class": .integer(detectionsPerClass),
      "use_regular_nms": .boolean(suppressesByClass),
      "nms_score_threshold": .real(scoreThreshold),
      "nms_iou_threshold": .real(overlapThreshold), "num_classes": .integer(classes),
    ]
    for (key, scale) in zip(["y_scale", "x_scale", "h_scale", "w_scale"], scales) {
      options[key] = .real(scale)
    }
    return options
  }
}
