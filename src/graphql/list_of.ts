import { GraphQLList, GraphQLNonNull, type GraphQLObjectType } from "graphql";

/** A list that is always there, and so are its entries. */
export function listOf(type: GraphQLObjectType) {
  return new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(type)));
}
