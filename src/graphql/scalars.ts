import { GraphQLScalarType } from "graphql";

/** A moment. */
export const dateTimeType = new GraphQLScalarType<string, string>({
  name: "DateTime",
  description: "A moment as RFC 3339, in UTC.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc3339",
});

/** Whatever JSON can hold. */
export const jsonType = new GraphQLScalarType<unknown, unknown>({
  name: "JSON",
  description: "Any JSON value: what has no fixed fields, as attributes do.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc8259",
});
