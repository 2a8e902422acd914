import GraphIR
import ONNXSchema
import Operators
import Tensors

extension ONNXForm {
  /// Products of matrices.
  static let products: [ONNXForm] = [
    ONNXForm(BatchMatMul.self) { op, site, writer in try writer.multiply(op, site) },
    ONNXForm(FullyConnected.self) { op, site, writer in
      if op.keepsAxes, site.shape(0).rank != 2, !writer.isStored(site.operands[0]) {
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
    defineRows(site.results[0], as: file.clamped(sum, op.clamp, site.realElement(0)))
  }

  /// Rows with as many axes as the value has. What is stored of them is so before the change of shape.
  private mutating func defineRows(_ result: ValueID, as name: String) {
    let type = type(of: result)
    guard type.shape.rank != 2 else { return define(result, .plain(2), as: name) }
    guard let quantization = type.quantization, quantization.isPerTensor else {
      if isOnlyQuantized(result) { return keepRows(of: result, as: name) }
      return define(result, plainOrder(result), as: file.reshape(name, type.shape.extents))
    }
    let stored = file.quantize(name, type.element, ONNXScales(quantization, .plain(2)))
    defineStored(result, plainOrder(result), as: file.reshape(stored, type.shape.extents))
  }

  /// Whether all that reads a value is what stores it with one scale.
  private func isOnlyQuantized(_ value: ValueID) -> Bool {
    let uses = graph.values[value].uses
    return !uses.isEmpty && !graph.outputs.contains(value)
      && uses.allSatisfy { use in
        let node = graph.nodes[use.node]
        return node.op is Quantize
          && type(of: node.results[0]).quantization?.isPerTensor ?? false
      }
  }

  /// Stores rows that were computed for this alone; false if an operand is there in its own shape.
  mutating func quantizeRows(_ site: ONNXSite) -> Bool {
    let (result, type) = (site.results[0], site.resultTypes[0])
    guard let name = rows[site.operands[0]], let quantization = type.quantization else {
      return false
    }
    let stored = file.quantize(name, type.element, ONNXScales(quantization, .plain(2)))
    defineStored(result, plainOrder(result), as: file.reshape(stored, type.shape.extents))
    return true
  }

  /// Whether a value's real numbers stand in the file as what stored integers stand for. Such rows are brought into a matrix as
  /// integers: ONNX Runtime 1.31 makes a matrix of what it adds a bias to, and then stores it once more, in files of version 21
  /// in a type that it refuses itself.
  fileprivate func isStored(_ value: ValueID) -> Bool {
    let form = ValueForm(value, plainOrder(value), isReal: isQuantized(value)).source(in: graph)
    return form.isReal && !graph.isConstant(form.value)
      && type(of: form.value).quantization?.isPerTensor ?? false
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
