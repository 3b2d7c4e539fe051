import type { CatalogModel } from '../shared/api/catalog';
import { invalidInput } from '../shared/api/errors';
import { decodePath, parseUrl } from '../shared/api/url';
import { listed } from '../shared/inputs/inputFault';
import { locatedValue } from '../shared/parameters/located';
import { isBlank, wrongValue } from '../shared/parameters/values';

/** Which model is meant: by its ID, or by the address of its page, which often has another path. */
export type ModelChoice = { id: string } | { page: string };

const RULE =
	'a model of the list, an ID such as kling/kling-3.0/pro/text-to-video, or the address of a model’s page';

const LONGEST_ID = 300;

/** What follows the path of a model on the addresses of its pages. */
const TABS = /\/(?:api|playground|examples)$/;
/** What comes before it, in any language of the site. */
const PAGES = /(?:^|\/)(?:models|playground)\/(.+)$/;

/**
 * @param value a resource locator with its expressions resolved, or what an expression gave in its place
 * @throws RunComfyError `invalidInput`
 */
export function readModelChoice(value: unknown): ModelChoice {
	const located = locatedValue(value);
	const text = typeof located === 'string' ? located.trim() : located;
	if (isBlank(text)) throw invalidInput('Model is required: choose one from the list');
	if (typeof text === 'string' && /^https?:\/\//i.test(text)) {
		const page = pagePath(text);
		if (page !== undefined) return { page };
	}
	const id = typeof text === 'string' ? text.replace(/^\/+|(?<!\/)\/+$/g, '') : '';
	const isId =
		id.length <= LONGEST_ID &&
		id
			.split('/')
			.every((part) => /^[^\p{Cc}?#\\]+$/u.test(part) && !/^(?:\.+|\s.*|.*:)$/.test(part));
	if (!isId) throw invalidInput(`Model ${wrongValue(located, RULE)}`);
	return { id };
}

/**
 * The ID of a chosen model. For the address of a page, it is that of the model whose page has this path;
 * a page that the catalog does not name may have the ID as its path.
 *
 * @param list gives the models of the catalog, and is asked only for a page
 * @throws RunComfyError `invalidInput`, or what the list rejects with
 */
export async function modelIdOf(
	choice: ModelChoice,
	list: () => Promise<CatalogModel[]>,
): Promise<string> {
	if ('id' in choice) return choice.id;
	const { page } = choice;
	const models = await list();
	// As it is before without a tab: a model's ID may end as a tab is called.
	for (const shorten of [(path: string) => path, withoutTab]) {
		const path = shorten(page);
		const onPage = models.filter(({ pageUrl = '' }) => shorten(pagePath(pageUrl) ?? '') === path);
		const own = models.filter(({ id }) => id.toLowerCase() === path.toLowerCase());
		const found = onPage.length > 0 ? onPage : own;
		if (found.length > 1) {
			throw invalidInput(
				`Model names a page of ${found.length} models, so choose the one you want from the list, or give its ID: ${listed(found.map(({ id }) => id))}. The page is ${page}`,
			);
		}
		if (found[0]) return found[0].id;
	}
	throw invalidInput(
		`Model names a page that RunComfy’s catalog does not have: choose the model from the list, or give its ID: ${page}`,
	);
}

function withoutTab(path: string): string {
	return path.replace(TABS, '');
}

function pagePath(address: string): string | undefined {
	const path = parseUrl(address)?.pathname.split('/').filter(Boolean).join('/');
	const [, rest] = PAGES.exec(path ?? '') ?? [];
	return rest === undefined ? undefined : decodePath(rest);
}
