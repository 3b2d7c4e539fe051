import type { INodeProperties } from 'n8n-workflow';
import type { Catalog } from '../api/catalog';
import type { CallLimits } from '../api/http';
import type { ModelInput } from '../inputs/prepareInput';
import type { Item } from '../parameters/item';
import type { RunLog } from '../requests/runLog';

/** Reads and checks one item. Rejects with `invalidInput`, naming all that is wrong, or what the catalog rejects with. */
export type ReadInput = (item: Item) => Promise<ModelInput>;

/** What a node may use to read its items. */
export interface InputSources {
	catalog: Catalog;
	/** The bounds of what begins now: its deadline, and the end of the run. */
	limits(withinMs: number): CallLimits;
	log: Pick<RunLog, 'debug'>;
}

/** What differs between nodes when they run. */
export interface MediaNode {
	/** What it makes, as its texts call it: video, say. */
	makes: string;
	/** Of what says what to generate. */
	inputFields: INodeProperties[];
	/** Whether a completed request whose output names no file has failed. */
	alwaysGivesFiles: boolean;
	/** Begins a run, in which all items are read with what this gives. */
	openInput(sources: InputSources): ReadInput;
}
