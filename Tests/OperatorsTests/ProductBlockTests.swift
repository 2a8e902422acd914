import GraphIR
import Operators
import Tensors
import Testing

/// Fused products against sums written out: blocks of them are summed by themselves, and their sums added in order.
struct ProductBlockTests {
  /// Of few channels each is a block; of more, 16 are, or 128 where the kernel is a single element.
  @Test(arguments: [
    (channels: 3, kernel: 2, block: 1), (15, 1, 1), (16, 1, 128), (16, 2, 16), (40, 2, 16),
    (128, 1, 128), (300, 1, 128),
  ])
  func convolutionsAddBlocksOfChannels(channels: Int, kernel: Int, block: Int) throws {
    let (height, width, filters) = (3, 5, 18)
    let operands = [
      Tensor.random(TensorType(.f32, [1, height, width, channels]), seed: 1),
      .random(TensorType(.f32, [filters, kernel, kernel, channels]), seed: 2),
    ]
    let (image, weights) = (
      operands[0].data.elements(as: Float.self), operands[1].data.elements(as: Float.self)
    )
    var expected: [Float] = []
    for y in 0...height - kernel {
      for x in 0...width - kernel {
        for filter in 0..<filters {
          let sums = stride(from: 0, to: channels, by: block).map { first in
            var sum: Float = 0
            for i in 0..<kernel {
              for j in 0..<kernel {
                for channel in first..<min(first + block, channels) {
                  sum.addProduct(
                    image[((y + i) * width + x + j) * channels + channel],
                    weights[((filter * kernel + i) * kernel + j) * channels + channel])
                }
              }
            }
            return sum
          }
          expected.append(sums.dropFirst().reduce(sums[0], +))
        }
      }
    }
    let found = try Conv2D(fusesProducts: true).evaluate(operands)[0]
    #expect(found.data.elements(as: Float.self) == expected)
  }

  /// Of images of one axis a channel comes with its whole window, and blocks grow as there are fewer windows.
  @Test(arguments: [
    (windows: 700, channels: 90, block: 128), (20, 90, 512), (2, 400, 1024),
  ])
  func convolutionsOverOneAxisAddChannelByChannel(
    windows: Int, channels: Int, block: Int
  ) throws {
    let (kernel, filters) = (3, 5)
    let operands = Self.rows(windows + kernel - 1, channels, kernel: kernel, filters: filters)
    let patches = Self.patches(operands[0], kernel: kernel)
    let weights = Self.byChannel(operands[1])
    let found = try Conv2D(fusesProducts: true, sumsByChannel: true).evaluate(operands)[0]
    #expect(
      found.data.elements(as: Float.self)
        == products([patches, weights], depth: kernel * channels, block: block))
  }

  /// Of a single filter, products are rounded, and summed in fours.
  @Test(arguments: [1, 8, 9, 10, 11])
  func aSingleFilterHasSumsOfFour(channels: Int) throws {
    let operands = Self.rows(6, channels, kernel: 1, filters: 1)
    let (x, filter) = (
      operands[0].data.elements(as: Float.self), operands[1].data.elements(as: Float.self)
    )
    let expected = stride(from: 0, to: x.count, by: channels).map { row in
      Self.sumOfFours((0..<channels).map { x[row + $0] * filter[$0] })
    }
    let found = try Conv2D(fusesProducts: true, sumsByChannel: true).evaluate(operands)[0]
    #expect(found.data.elements(as: Float.self) == expected)
  }

  /// Of a single window, products are rounded, and every eighth is summed; filters behind the whole fours add up the eight sums
  /// in orders of their own.
  @Test(arguments: [4, 5, 6, 7])
  func aSingleWindowHasEightSums(filters: Int) throws {
    let depth = 19
    let operands = Self.rows(1, depth, kernel: 1, filters: filters)
    let (x, weights) = (
      operands[0].data.elements(as: Float.self), operands[1].data.elements(as: Float.self)
    )
    let expected = (0..<filters).map { filter in
      Self.sumOfEights(
        (0..<depth).map { x[$0] * weights[filter * depth + $0] }, number: filter, of: filters)
    }
    let found = try Conv2D(fusesProducts: true, sumsByChannel: true).evaluate(operands)[0]
    #expect(found.data.elements(as: Float.self) == expected)
  }

  /// Of a single row or column, too.
  @Test(arguments: [(rows: 1, columns: 7), (6, 1), (1, 1)])
  func singleRowsAndColumnsHaveRoundedProducts(rows: Int, columns: Int) throws {
    let depth = 23
    let operands = [
      Tensor.random(TensorType(.f32, [rows, depth]), seed: 1),
      .random(TensorType(.f32, [depth, columns]), seed: 2),
    ]
    let (a, b) = (
      operands[0].data.elements(as: Float.self), operands[1].data.elements(as: Float.self)
    )
    let expected = (0..<rows * columns).map { index in
      let (row, column) = (index / columns, index % columns)
      let products = (0..<depth).map { a[row * depth + $0] * b[$0 * columns + column] }
      return rows == 1
        ? Self.sumOfFours(products) : Self.sumOfEights(products, number: row, of: rows)
    }
    let product = BatchMatMul(transposesFirst: false, fusesProducts: true)
    #expect(try product.evaluate(operands)[0].data.elements(as: Float.self) == expected)
  }

  /// Four at a time, then two, then one.
  private static func sumOfFours(_ products: [Float]) -> Float {
    var (sum, rest) = (Float(0), products[...])
    for size in [4, 2, 1] {
      while rest.count >= size {
        sum += rest.prefix(size).dropFirst().reduce(rest[rest.startIndex], +)
        rest = rest.dropFirst(size)
      }
    }
    return sum
  }

  /// Every eighth product is summed.
  private static func sumOfEights(_ products: [Float], number: Int, of count: Int) -> Float {
    var s = [Float](repeating: 0, count: 8)
    for (index, product) in products.enumerated() { s[index % 8] += product }
    if number < count / 4 * 4 {
      return (((s[0] + s[1]) + s[2]) + s[3]) + (((s[4] + s[5]) + s[6]) + s[7])
    }
    return number < count / 2 * 2
      ? ((s[0] + s[2]) + (s[4] + s[6])) + ((s[1] + s[3]) + (s[5] + s[7]))
      : ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))
  }

  /// An image of one row, and filters for it.
  private static func rows(
    _ width: Int, _ channels: Int, kernel: Int, filters: Int
  ) -> [Tensor] {
    [
      .random(TensorType(.f32, [1, 1, width, channels]), seed: 1),
      .random(TensorType(.f32, [filters, 1, kernel, channels]), seed: 2),
    ]
  }

  /// The windows of a row, channel by channel.
  private static func patches(_ image: Tensor, kernel: Int) -> Tensor {
    let (width, channels) = (image.type.shape[2], image.type.shape[3])
    let elements = image.data.elements(as: Float.self)
    let ordered = (0...width - kernel).flatMap { x in
      (0..<channels).flatMap { channel in
        (0..<kernel).map { elements[(x + $0) * channels + channel] }
      }
    }
    return Tensor(
      TensorType(.f32, [width - kernel + 1, kernel * channels]), TensorData(ordered))
  }

  /// Filters in the same order.
  private static func byChannel(_ filters: Tensor) -> Tensor {
    let (count, kernel, channels) = (
      filters.type.shape[0], filters.type.shape[2], filters.type.shape[3]
    )
    let elements = filters.data.elements(as: Float.self)
    let ordered = (0..<count * channels * kernel).map { index in
      let (filter, channel, place) = (
        index / (channels * kernel), index / kernel % channels, index % kernel
      )
      return elements[(filter * kernel + place) * channels + channel]
    }
    return Tensor(TensorType(.f32, [count, kernel * channels]), TensorData(ordered))
  }

  @Test(arguments: [200, 256, 600])
  func constantMatricesHaveBlocksOf256(depth: Int) throws {
    let operands = [
      Tensor.random(TensorType(.f32, [3, depth]), seed: 1),
      .random(TensorType(.f32, [20, depth]), seed: 2),
    ]
    let found = try FullyConnected(fusesProducts: true).evaluate(operands)[0]
    #expect(found.data.elements(as: Float.self) == products(operands, depth: depth, block: 256))
  }

  /// Blocks grow as matrices become narrower.
  @Test(arguments: [
    (columns: 700, block: 128), (65, 128), (64, 256), (33, 256), (20, 512), (9, 1024),
  ])
  func otherMatricesHaveBlocksByTheirColumns(columns: Int, block: Int) throws {
    let depth = 1100
    let operands = [
      Tensor.random(TensorType(.f32, [2, depth]), seed: 1),
      .random(TensorType(.f32, [columns, depth]), seed: 2),
    ]
    let product = BatchMatMul(
      transposesFirst: false, transposesSecond: true, fusesProducts: true)
    let found = try product.evaluate(operands)[0]
    // A matrix that is as wide as it is deep has blocks of 128, too.
    #expect(found.data.elements(as: Float.self) == products(operands, depth: depth, block: block))
  }

  /// The products of all rows of both matrices.
  private func products(_ operands: [Tensor], depth: Int, block: Int) -> [Float] {
    let (a, b) = (
      operands[0].data.elements(as: Float.self), operands[1].data.elements(as: Float.self)
    )
    return stride(from: 0, to: a.count, by: depth).flatMap { row in
      stride(from: 0, to: b.count, by: depth).map { column in
        let sums = stride(from: 0, to: depth, by: block).map { first in
          (first..<min(first + block, depth)).reduce(Float(0)) { sum, index in
            sum.addingProduct(a[row + index], b[column + index])
          }
        }
        return sums.dropFirst().reduce(sums[0], +)
      }
    }
  }
}
