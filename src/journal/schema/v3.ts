/** What each replica has counted of reads that no route matches. */
export const v3 = `
alter table instances add column unknown jsonb;
`;
