import GraphIR
import Tensors

/// Moves elements of any type of whole bytes to where tables say, one for each axis.
enum IndexedCopy {
  /// The kernel of an operator whose result continues its operand beyond the borders.
  ///
  /// - Parameters:
  ///   - before: for each axis, how many elements are added in front.
  ///   - source: the index of the element that lies at an index of an axis, which may be outside, with this extent.
  static func kernel(
    continuing site: Site, before: [Int], _ source: (_ index: Int, _ extent: Int) -> Int
  ) -> Kernel {
    let (from, to) = (site.operands[0].shape, site.results[0].shape)
    let sources = to.extents.indices.map { axis in
      (0..<to[axis]).map { source($0 - before[axis], from[axis]) }
    }
    return kernel(sources, of: site)
  }

  /// The kernel of an operator whose result has, at each index along an axis, what its operand has at `sources[axis]` of
  /// that index.
  static func kernel(_ sources: [[Int]], of site: Site) -> Kernel {
    let (from, to) = (site.operands[0].shape, site.results[0].shape)
    let width = site.results[0].element.bitWidth / 8
    let offsets = zip(sources, from.strides).map { places, stride in
      places.map { $0 * stride * width }
    }
    let outer = Shape(Array(to.extents.dropLast()))
    let run = offsets.last ?? [0]
    return Kernel { operands, results, _ in
      var index = Array(repeating: 0, count: outer.rank)
      for row in 0..<outer.elementCount {
        let start = index.indices.reduce(0) { $0 + offsets[$1][index[$1]] }
        copy(run, of: operands[0], from: start, into: results[0], at: row, elementBytes: width)
        Broadcast.advance(&index, in: outer)
      }
    }
  }

  private static func copy(
    _ run: [Int], of source: UnsafeRawBufferPointer, from start: Int,
    into result: UnsafeMutableRawBufferPointer, at row: Int, elementBytes width: Int
  ) {
    switch width {
    case 1: copy(UInt8.self, run, source, start, result, row)
    case 2: copy(UInt16.self, run, source, start, result, row)
    case 4: copy(UInt32.self, run, source, start, result, row)
    default: copy(UInt64.self, run, source, start, result, row)
    }
  }

  private static func copy<Element: BitwiseCopyable>(
    _ type: Element.Type, _ run: [Int], _ source: UnsafeRawBufferPointer, _ start: Int,
    _ result: UnsafeMutableRawBufferPointer, _ row: Int
  ) {
    let y = result.pointer(to: type) + row * run.count
    for (place, offset) in run.enumerated() {
      y[place] = source.load(fromByteOffset: start + offset, as: type)
    }
  }
}
