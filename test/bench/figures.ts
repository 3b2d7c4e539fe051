/** A figure against its goal: one value, or one for each case. `better` says on which side of the goal. */
export interface Figure {
	name: string;
	values: number[];
	goals: number[];
	better: 'less' | 'more';
	note?: string;
}

/** @param goals one for each of the values */
export function toFigure(
	name: string,
	values: number | number[],
	better: Figure['better'],
	goals: number | number[],
	note?: string,
): Figure {
	return { name, values: [values].flat(), goals: [goals].flat(), better, note };
}

export function passes({ values, goals, better }: Figure): boolean {
	return values.every((value, index) =>
		better === 'less' ? value <= goals[index] : value >= goals[index],
	);
}

/** The figures as a table of Markdown. */
export function asTable(figures: Figure[]): string {
	const rows = figures.map((figure) => {
		const { name, values, goals, better, note = '' } = figure;
		const bound = `${better === 'less' ? '≤' : '≥'} ${goals.join(' / ')}`;
		return `| ${name} | ${values.map(rounded).join(' / ')} | ${bound} | ${passes(figure) ? 'pass' : 'miss'} | ${note} |`;
	});
	return ['| figure | measured | goal | | runs |', '| --- | --- | --- | --- | --- |', ...rows].join(
		'\n',
	);
}

function rounded(value: number): string {
	return String(Number(value.toPrecision(3)));
}

export function mean(values: number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function list(values: number[], digits = 1): string {
	return values.map((value) => value.toFixed(digits)).join(', ');
}
