import Support
import Testing

struct EntityTableTests {
  @Test func idsAreGivenInOrderAndFindTheirEntity() {
    var table = EntityTable<String>()
    let ids = ["a", "b", "c"].map { table.append($0) }
    #expect(ids.map(\.index) == [0, 1, 2])
    #expect(Array(table.ids) == ids)
    #expect(table.count == 3)
    #expect(ids.map { table[$0] } == ["a", "b", "c"])
    #expect(ids == ids.sorted())
  }

  @Test func copiesDoNotShareChanges() {
    var table = EntityTable<[Int]>()
    let id = table.append([1])
    let copy = table
    table[id].append(2)
    #expect(table[id] == [1, 2])
    #expect(copy[id] == [1])
  }
}
