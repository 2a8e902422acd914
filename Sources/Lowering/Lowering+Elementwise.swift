import GraphIR
import Hardware
import Operators
import Tensors

extension Lowering {
  /// For each block of the result: read the windows' input, pool.
  mutating func emitPool(
    _ layer: Int, _ blocks: LayerPlan.Blocks, _ rows: Range<Int>, isMaximum: Bool
  ) throws {
    let problem = blocks.problem
    guard let layout = BufferLayout(problem, blocks.tiling.block, nil, target) else {
      preconditionFailure("the chosen block fits")
    }
    let node = graph.nodes[layers[layer].node]
    let input = place(of: node.inputs[0], problem.input)
    let result = place(of: node.results[0], problem.result)
    let clamp = (node.op as? any PoolingOperator)?.clamp ?? .none
    let type = graph.values[node.results[0]].type
    let range = clamp.storedRange(of: type.signed)
    let isUnsigned = type.element == .u8
    for box in ResultBox.boxes(blocks, rows: rows) {
      let area = InputArea(problem, box)
      let block = load(
        area, of: box, from: input, isUnsigned,
        to: layout.inputOffset(emittedBlocks[layer] % 2), layer: layer)
      emittedBlocks[layer] += 1
      let pool = Pool(
        input: block, inputHeight: area.rows.count, inputWidth: area.columns.count,
        padBefore: Spatial(height: area.padTop, width: area.padLeft),
        window: TileWindow(problem.window),
        isMaximum: isMaximum, clampLower: range.lower, clampUpper: range.upper,
        result: box.tile(of: result), isUnsigned: isUnsigned)
      add(.pool(pool), layer: layer)
    }
  }

  /// For each block of the result: read both operands, add.
  mutating func emitAdd(
    _ layer: Int, _ blocks: LayerPlan.Blocks, _ rows: Range<Int>
  ) throws {
    let problem = blocks.problem
    let node = graph.nodes[layers[layer].node]
    guard let layout = BufferLayout(problem, blocks.tiling.block, nil, target),
      let op = node.op as? Add
    else { preconditionFailure("an addition has blocks that fit") }
    let form = try op.kernelForm(
      graph.types(of: node.inputs), graph.values[node.results[0]].type)
    let operands = node.inputs.map { place(of: $0, problem.result) }
    let result = place(of: node.results[0], problem.result)
    let isUnsigned = graph.values[node.results[0]].type.element == .u8
    for box in ResultBox.boxes(blocks, rows: rows) {
      let area = InputArea(problem, box)
      let turn = 2 * (emittedBlocks[layer] % 2)
      emittedBlocks[layer] += 1
      let parts = operands.enumerated().map { position, operand in
        load(
          area, of: box, from: operand, isUnsigned, to: layout.inputOffset(turn + position),
          layer: layer)
      }
      let sum = AddTiles(
        first: parts[0], second: parts[1], form: form, result: box.tile(of: result),
        isUnsigned: isUnsigned)
      add(.add(sum), layer: layer)
    }
  }

  /// Reads tiles without padding, one below the other, into one block of the buffer.
  private mutating func load(
    _ area: InputArea, of box: ResultBox, from place: ImagePlace, _ isUnsigned: Bool,
    to address: Int, layer: Int
  ) -> Span {
    let (first, second) = area.tiles(of: place, batch: box.batch, channels: box.channels)
    var end = address
    for tile in [first] + (second.map { [$0] } ?? []) {
      let block = Span(memory: bufferMemory, address: end, byteCount: tile.byteCount)
      add(.load(Load(tile, isUnsigned, block)), layer: layer)
      end += tile.byteCount
    }
    return Span(memory: bufferMemory, address: address, byteCount: end - address)
  }

  /// One command for all rows: the output stage goes over them several times in place.
  mutating func emitSoftmax(_ layer: Int) throws {
    let node = graph.nodes[layers[layer].node]
    let type = graph.values[node.inputs[0]].type
    guard let op = node.op as? Softmax else { preconditionFailure("the layer is a softmax") }
    let depth = type.shape.extents.last ?? 1
    let softmax = SoftmaxRows(
      input: span(of: node.inputs[0]), rows: type.elementCount / depth, depth: depth,
      scaling: try op.scaling(type), result: span(of: node.results[0]),
      isUnsigned: type.element == .u8)
    add(.softmax(softmax), layer: layer)
  }

  mutating func emitHostCall(_ layer: Int) {
    let id = layers[layer].node
    let node = graph.nodes[id]
    let call = HostCall(
      op: node.op, site: graph.site(of: id), operands: node.inputs.map { span(of: $0) },
      results: node.results.map { span(of: $0) })
    add(.callHost(call), layer: layer)
  }
}

extension Load {
  /// A tile without padding.
  fileprivate init(_ tile: Tile, _ isUnsigned: Bool, _ block: Span) {
    self.init(
      tile: tile, isUnsigned: isUnsigned, padTop: 0, padLeft: 0, padBottom: 0, padRight: 0,
      padding: 0, block: block)
  }
}
