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
