/// An index into one table, typed so that a value's number is never used as a node's.
public struct EntityID<Entity>: Hashable, Comparable, Sendable {
  /// The entity's position in its table, from 0.
  public let index: Int

  /// The id of the entity at a position; nothing checks that the table has one there.
  public init(index: Int) { self.index = index }

  /// Whether `a` was added to its table before `b`.
  public static func < (a: Self, b: Self) -> Bool { a.index < b.index }
}

/// Owns the entities that `EntityID`s refer to. It only grows, so an id stays valid in every copy.
public struct EntityTable<Entity> {
  private var entities: [Entity] = []

  /// A table without entities.
  public init() {}

  /// Of all that were ever added: none is ever removed.
  public var count: Int { entities.count }

  /// The ids of all entities, in the order they were added.
  public var ids: some RandomAccessCollection<EntityID<Entity>> {
    (0..<entities.count).lazy.map { EntityID(index: $0) }
  }

  /// Adds an entity behind all others, and gives the id by which it is found from then on.
  public mutating func append(_ entity: Entity) -> EntityID<Entity> {
    entities.append(entity)
    return EntityID(index: entities.count - 1)
  }

  /// The entity with an id that this table, or one it was copied from, gave.
  public subscript(id: EntityID<Entity>) -> Entity {
    get { entities[id.index] }
    set { entities[id.index] = newValue }
    // Without it, each change in place would copy the entity, and the arrays in it.
    _modify { yield &entities[id.index] }
  }
}

extension EntityTable: Sendable where Entity: Sendable {}
