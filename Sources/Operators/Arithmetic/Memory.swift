extension UnsafeRawBufferPointer {
  /// The start of a tensor's elements.
  func pointer<Element>(to type: Element.Type) -> UnsafePointer<Element> {
    baseAddress!.assumingMemoryBound(to: type)  // no tensor is empty
  }
}

extension UnsafeMutableRawBufferPointer {
  /// Copies `count` bytes of `source` from one offset to another.
  func copy(_ count: Int, of source: UnsafeRawBufferPointer, from start: Int, to place: Int) {
    UnsafeMutableRawBufferPointer(rebasing: self[place..<place + count])
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<start + count]))
  }

  /// The start of a tensor's elements.
  func pointer<Element>(to type: Element.Type) -> UnsafeMutablePointer<Element> {
    baseAddress!.assumingMemoryBound(to: type)  // no tensor is empty
  }
}

/// A pointer that crosses into worker threads, which read it or write disjoint parts.
struct Shared<Pointer>: @unchecked Sendable {
  let pointer: Pointer

  init(_ pointer: Pointer) { self.pointer = pointer }
}
