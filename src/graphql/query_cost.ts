import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { type FieldCost, LIST_SIZES } from "./field_cost.ts";
import { UNLIMITED_LIST_COST } from "./graphql_limits.ts";

/** What a document is counted by. */
export interface CountedQuery {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** As they were sent: a limit may be one. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * What a query may cost, at the most: about as many objects as it may be
 * answered with. A list costs as much as its `limit` allows, times what is
 * asked of each entry; scalars are free, and what is large or has to be made
 * has a weight of its own.
 */
export function queryCost(
  schema: GraphQLSchema,
  { document, operation, variables }: CountedQuery,
): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(node.name.value, node);
    }
  }
  // A fragment costs the same wherever it stands: so none is counted twice.
  const known = new Map<string, number>();

  function costOfFragment(name: string): number {
    const before = known.get(name);
    if (before !== undefined) return before;
    known.set(name, 0);
    const fragment = fragments.get(name);
    if (fragment === undefined) return 0;
    const type = schema.getType(fragment.typeCondition.name.value);
    const cost = costOfAll(fragment.selectionSet, type);
    known.set(name, cost);
    return cost;
  }

  function costOfAll(
    { selections }: SelectionSetNode,
    type: GraphQLNamedType | undefined,
  ): number {
    let sum = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) sum += costOfField(selection, type);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        sum += costOfFragment(selection.name.value);
      } else {
        const condition = selection.typeCondition?.name.value;
        const within = condition === undefined
          ? type
          : schema.getType(condition);
        sum += costOfAll(selection.selectionSet, within);
      }
    }
    return sum;
  }

  function costOfField(
    node: FieldNode,
    parent: GraphQLNamedType | undefined,
  ): number {
    const field = fieldOf(node, parent);
    if (field === undefined || node.selectionSet === undefined) return 0;
    const { weight = 1, size } = costOfDefinition(field);
    const own = weight + costOfAll(node.selectionSet, getNamedType(field.type));
    const isList = isListType(getNullableType(field.type));
    const isPage = "limit" in argumentsByName(field);
    if (!isList && !isPage) return own;
    const usual = size ??
      LIST_SIZES[`${parent?.name ?? ""}.${field.name}`] ?? UNLIMITED_LIST_COST;
    return (limitOf(node) ?? usual) * own;
  }

  function limitOf({ arguments: args = [] }: FieldNode): number | undefined {
    const value = args.find(({ name }) => name.value === "limit")?.value;
    const limit = value?.kind === Kind.VARIABLE
      ? variables[value.name.value] ?? defaultOf(operation, value.name.value)
      : value?.kind === Kind.INT
      ? value.value
      : undefined;
    const count = Number(limit);
    // What is no limit is refused where it is read.
    return limit !== undefined && count > 0 ? count : undefined;
  }

  return costOfAll(operation.selectionSet, rootOf(schema, operation));
}

function rootOf(schema: GraphQLSchema, operation: OperationDefinitionNode) {
  return schema.getRootType(operation.operation) ?? undefined;
}

function defaultOf(
  { variableDefinitions = [] }: OperationDefinitionNode,
  name: string,
): string | undefined {
  const definition = variableDefinitions
    .find(({ variable }) => variable.name.value === name);
  const value = definition?.defaultValue;
  return value?.kind === Kind.INT ? value.value : undefined;
}

function fieldOf(
  { name }: FieldNode,
  parent: GraphQLNamedType | undefined,
): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(parent) || isInterfaceType(parent)
    ? parent.getFields()[name.value]
    : undefined;
}

function costOfDefinition(field: GraphQLField<unknown, unknown>): FieldCost {
  const { cost = {} } = field.extensions as { readonly cost?: FieldCost };
  return cost;
}

function argumentsByName(
  field: GraphQLField<unknown, unknown>,
): Readonly<Record<string, true>> {
  return Object.fromEntries(field.args.map(({ name }) => [name, true]));
}
