/** The twin's database with its tables and no row: made once for all lanes, copied for whoever asks. */
import { migrate } from '../../src/amanat/twin/migrate.ts';
import { copyOfMade } from './stores.ts';

/** Its URL. Whoever tests how the tables are made asks for `freshDatabase`; for rows there is `freshSeeded`. */
export const freshTwinTables = (): Promise<string> => copyOfMade('twin', migrate);
