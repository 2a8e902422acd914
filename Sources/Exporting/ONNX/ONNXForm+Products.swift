import ONNXSchema
import Operators
import Tensors

extension ONNXForm {
  /// Products of matrices.
  static let products: [ONNXForm] = [
    ONNXForm(BatchMatMul.self) { op, site, writer in try writer.multiply(op, site) },
    ONNXForm(FullyConnected.self) { op, site, writer in
      if op.keepsAxes, site.shape(0).rank != 2 {
        try writer.multiplyRows(op, site)
      } else {
        try writer.multiplyMatrix(op, site)
      }
    },
    ONNXForm(IntegerMatMul.self) { _, site, writer in
      let operands = try site.operands.map { try writer.stored($0) }
      let result = site.results[0]
      writer.define(
        result, writer.plainOrder(result), as: writer.file.add("MatMulInteger", operands))
    },
  ]
}

extension ONNXSite {
  /// The scales of products of quantized operands, each of which belongs to a number of the bias; nil for real ones.
  fileprivate var biasQuantization: Quantization? {
    guard let image = types[0].quantization, let weights = types[1].quantization,
      image.isPerTensor, [1, types[2].elementCount].contains(weights.scales.count)
    else { return nil }
    let scales = weights.scales.map { image.scale * $0 }
    guard scales.allSatisfy({ $0.isFinite && $0 > 0 }) else { return nil }
    return Quantization(
      axis: weights.isPerTensor ? nil : 0, scales: scales, zeroPoints: scales.map { _ in 0 })
  }
}

extension ONNXGraphWriter {
  /// `x · weightsᵀ + bias`, with as many axes as `x` has.
  fileprivate mutating func multiplyRows(_ op: FullyConnected, _ site: ONNXSite) throws {
    var x = try real(site.operands[0])
    if site.isDynamic {
      let extents = site.shape(0).extents
      let rows = file.reshape(x, Self.rows(site))
      x = file.reshape(roundedRows(rows, op, site), extents)
    }
    let product = file.add("MatMul", [x, try real(site.operands[1], AxisOrder([1, 0]))])
    let sum = try bias(site).first.map { file.add("Add", [product, $0]) } ?? product
    define(
      site.results[0], plainOrder(site.results[0]),
      as: file.clamped(sum, op.clamp, site.realElement(0)))
  }

  /// The same of rows that lie one behind the other.
  fileprivate mutating func multiplyMatrix(_ op: FullyConnected, _ site: ONNXSite) throws {
    let value = site.operands[0]
    let rows = Self.rows(site)
    let matrix = site.shape(0).extents == rows ? try real(value) : try reshaped(value, rows)
    let x = site.isDynamic ? roundedRows(matrix, op, site) : matrix
    let others = [try real(site.operands[1])] + (try bias(site))
    let sum = file.add("Gemm", [x] + others, [.flag("transB", true)])
    define(site.results[0], .plain(2), as: file.clamped(sum, op.clamp, site.realElement(0)))
  }

  private static func rows(_ site: ONNXSite) -> [Int] {
    let width = site.shape(1)[1]
    return [site.shape(0).elementCount / width, width]
  }

  /// Rows that are quantized when the model runs, each with a scale of its own.
  private mutating func roundedRows(
    _ rows: String, _ op: FullyConnected, _ site: ONNXSite
  ) -> String {
    file.roundedDynamically(rows, Self.rows(site), isAsymmetric: op.quantizesAsymmetrically)
  }

  /// The bias of a convolution or a layer, if there is one. That of integers counts in steps of their products, whatever
  /// scale it says.
  mutating func bias(_ site: ONNXSite) throws -> [String] {
    guard let bias = site.operands.dropFirst(2).first else { return [] }
    guard let quantization = site.biasQuantization, type(of: bias).quantization != quantization
    else { return [try real(bias)] }
    let (type, scales) = (site.types[2], ONNXScales(quantization, .plain(1)))
    if let data = graph.constantData(bias), !type.element.isDequantized {
      let stored = Tensor(TensorType(type.element, type.shape, quantization), data)
      let numbers = Tensor(TensorType(.f32, type.shape), numbers: stored.realNumbers)
      return [file.constant(numbers, "bias")]
    }
    return [file.dequantize(try stored(bias), type.element, scales)]
  }

  fileprivate mutating func multiply(_ op: BatchMatMul, _ site: ONNXSite) throws {
    let orders = zip(site.types, [op.transposesFirst, op.transposesSecond]).map {
      $1 ? Self.lastAxesSwapped($0.shape.rank) : .plain($0.shape.rank)
    }
    let operands = try zip(site.operands, orders).map { operand, order in
      op.keepsSums ? try stored(operand, order) : try real(operand, order)
    }
    let result = site.results[0]
    let product = file.add(op.keepsSums ? "MatMulInteger" : "MatMul", operands)
    if op.keepsSums {
      defineStored(result, plainOrder(result), as: product)
    } else {
      define(result, plainOrder(result), as: product)
    }
  }

  private static func lastAxesSwapped(_ rank: Int) -> AxisOrder {
    AxisOrder(Array(0..<rank - 2) + [rank - 1, rank - 2])
  }
}
