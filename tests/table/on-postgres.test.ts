import { describeTable } from './table.ts';

describeTable('postgres');
