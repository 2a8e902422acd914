/// An index into one table, typed so that a value's number is never used as a node's.
public struct EntityID<Entity>: Hashable, Comparable, Sendable {
  public let index: Int

  public init(index: Int) { self.index = index }

  public static func < (a: Self, b: Self) -> Bool { a.index < b.index }
}

/// Owns the entities that `EntityID`s refer to. It only grows, so an id stays valid in every copy.
public struct EntityTable<Entity> {
  private var entities: [Entity] = []

  public init() {}

  public var count: Int { entities.count }

  /// The ids of all entities, in the order they were added.
  public var ids: some RandomAccessCollection<EntityID<Entity>> {
    (0..<entities.count).lazy.map { EntityID(index: $0) }
  }

  public mutating func append(_ entity: Entity) -> EntityID<Entity> {
    entities.append(entity)
    return EntityID(index: entities.count - 1)
  }

  public subscript(id: EntityID<Entity>) -> Entity {
    get { entities[id.index] }
    set { entities[id.index] = newValue }
    _modify { yield &entities[id.index] }
  }
}

extension EntityTable: Sendable where Entity: Sendable {}
