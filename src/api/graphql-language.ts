/** What we use of the GraphQL parser, in a file of its own so that it can be loaded when the first query is judged. */
export { type OperationDefinitionNode, parse } from 'graphql/language';
