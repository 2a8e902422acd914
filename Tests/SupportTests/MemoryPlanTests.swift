import Support
import Testing

struct MemoryPlanTests {
  @Test func noBlocksNeedNoMemory() {
    let plan = MemoryPlan([], alignment: 16)
    #expect(plan.byteCount == 0)
    #expect(plan.lowerBound == 0)
  }

  @Test func blocksUsedAtDifferentTimesShareMemory() {
    let plan = MemoryPlan(
      [.init(byteCount: 100, life: 0...1), .init(byteCount: 60, life: 2...3)], alignment: 16)
    #expect(plan.offsets == [0, 0])
    #expect(plan.byteCount == 112)
    #expect(plan.lowerBound == 112)
  }

  @Test func blocksThatTouchInOneStepDoNotOverlap() {
    let plan = MemoryPlan(
      [.init(byteCount: 16, life: 0...1), .init(byteCount: 16, life: 1...2)], alignment: 16)
    #expect(Set(plan.offsets) == [0, 16])
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func randomBlocks(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let blocks = (0..<Int.random(in: 1...60, using: &generator)).map { _ in
      let start = Int.random(in: 0...40, using: &generator)
      return MemoryPlan.Block(
        byteCount: Int.random(in: 0...5000, using: &generator),
        life: start...start + Int.random(in: 0...10, using: &generator))
    }
    let plan = MemoryPlan(blocks, alignment: 64)
    #expect(plan.offsets.allSatisfy { $0 >= 0 && $0 % 64 == 0 })
    #expect(plan.byteCount >= plan.lowerBound)
    for i in blocks.indices {
      #expect(plan.offsets[i] + blocks[i].byteCount <= plan.byteCount)
      for j in 0..<i where blocks[i].life.overlaps(blocks[j].life) {
        #expect(disjoint(plan.offsets[i], blocks[i], plan.offsets[j], blocks[j]))
      }
    }
    #expect(plan.lowerBound >= mostInUse(blocks))
  }

  private func disjoint(
    _ offset: Int, _ block: MemoryPlan.Block, _ other: Int, _ otherBlock: MemoryPlan.Block
  ) -> Bool {
    offset + block.byteCount <= other || other + otherBlock.byteCount <= offset
  }

  private func mostInUse(_ blocks: [MemoryPlan.Block]) -> Int {
    (0...60).map { step in
      blocks.filter { $0.life.contains(step) }.map(\.byteCount).reduce(0, +)
    }.max()!  // there are steps
  }
}
