/** What one domain counted in a day, without reading what all the others did. */
export const v8 = `
create index on counts (key, minute);
`;
