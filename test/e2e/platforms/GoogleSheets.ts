import type { Answer } from '../../emulator/faults';
import { json } from '../../emulator/http';
import { Platform, type Call } from './Platform';

type Cell = string | number | boolean;

/** Google Sheets' API v4 with one spreadsheet of one sheet: https://developers.google.com/workspace/sheets/api/reference/rest */
export class GoogleSheets extends Platform {
	readonly hosts = ['sheets.googleapis.com'];
	readonly token = 'ya29.sheets';
	readonly id = '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms';
	readonly title = 'Sheet1';

	/** @param cells row by row, with the names of the columns first */
	constructor(readonly cells: Cell[][]) {
		super();
	}

	/** The rows as objects. */
	get rows(): Array<Record<string, Cell>> {
		const [names = [], ...rows] = this.cells;
		return rows.map((row) =>
			Object.fromEntries(names.map((name, at) => [String(name), row[at] ?? ''])),
		);
	}

	protected respond(call: Call): Answer {
		this.demandToken(call, 'Bearer', this.token);
		const { method, url } = call;
		const [, id, rest = ''] = /^\/v4\/spreadsheets\/([\w-]+)(.*)$/.exec(url.pathname) ?? [];
		this.demand(id === this.id, 'Requested entity was not found.', 404);
		if (method === 'GET' && rest === '') {
			const gridProperties = { rowCount: 1_000, columnCount: 26 };
			return json(200, {
				sheets: [{ properties: { sheetId: 0, title: this.title, gridProperties } }],
			});
		}
		if (method === 'GET' && rest.startsWith('/values/')) {
			const range = decodeURIComponent(rest.replace('/values/', ''));
			this.demand(this.isSheet(range), `Unable to parse range: ${range}`);
			return json(200, { range, majorDimension: 'ROWS', values: this.cells });
		}
		this.demand(method === 'POST' && rest === '/values:batchUpdate', 'Not found', 404);
		const { valueInputOption, data = [] } = this.jsonOf<{
			valueInputOption?: string;
			data?: Array<{ range: string; values: Cell[][] }>;
		}>(call);
		this.demand(/^(RAW|USER_ENTERED)$/.test(String(valueInputOption)), 'valueInputOption');
		for (const { range, values } of data) this.write(range, values);
		return json(200, { spreadsheetId: this.id, totalUpdatedCells: data.length });
	}

	private isSheet(range: string): boolean {
		return range.replace(/!.*/, '').replace(/^'|'$/g, '') === this.title;
	}

	private write(range: string, values: Cell[][]): void {
		const [, column, row] = /!([A-Z])(\d+)(?::[A-Z]\d+)?$/.exec(range) ?? [];
		this.demand(column && this.isSheet(range), `Unable to parse range: ${range}`);
		values.forEach((line, down) => {
			const cells = (this.cells[Number(row) - 1 + down] ??= []);
			line.forEach((value, across) => (cells[column.charCodeAt(0) - 65 + across] = value));
		});
	}
}
