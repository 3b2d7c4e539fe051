import type { WaitingCost } from './waiting';

const WIDTH = 640;
const HEIGHT = 420;
const MARGIN = 60;

/** A plot of mean delay against calls a job, on logarithmic axes, as SVG. */
export function plotWaiting(
	points: Array<{ label: string; cost: WaitingCost; ours: boolean }>,
): string {
	const x = scale(
		points.map(({ cost }) => cost.calls),
		MARGIN,
		WIDTH - MARGIN,
	);
	const y = scale(
		points.map(({ cost }) => cost.meanDelay),
		HEIGHT - MARGIN,
		MARGIN,
	);
	const marks = points.map(({ label, cost, ours }) => {
		const [px, py] = [x(cost.calls), y(cost.meanDelay)];
		return `<circle cx="${px}" cy="${py}" r="5" fill="${ours ? '#5b3df5' : '#999'}"/><text x="${px + 9}" y="${py + 4}">${label}</text>`;
	});
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
		`<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
		`<path d="M${MARGIN} ${MARGIN}V${HEIGHT - MARGIN}H${WIDTH - MARGIN}" fill="none" stroke="#333"/>`,
		`<text x="${WIDTH / 2}" y="${HEIGHT - 20}" text-anchor="middle">status calls a job (fewer is better)</text>`,
		`<text transform="translate(20 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">mean delay in s (less is better)</text>`,
		...marks,
		'</svg>\n',
	].join('\n');
}

function scale(values: number[], from: number, to: number): (value: number) => number {
	const [low, high] = [Math.log(Math.min(...values) * 0.8), Math.log(Math.max(...values) * 1.25)];
	return (value) => Math.round(from + ((Math.log(value) - low) / (high - low)) * (to - from));
}
