/** The latest read of each route that showed a fault: what is rechecked once the fault is repaired. */
export const v6 = `
alter table fault_routes add column last_mismatch text;
`;
