import type {
	ILoadOptionsFunctions,
	ResourceMapperField,
	ResourceMapperFields,
} from 'n8n-workflow';
import type { Target } from '../api/routes';
import { escapeHtml } from '../errors/errorText';
import { messageInEditor } from './catalog';

const RETRY = 'Open the node again to retry, or choose Specify Inputs → Using JSON.';

/**
 * The form of what is chosen in the node. What goes wrong is told in its place, for n8n (2.41.1) shows nothing when
 * this rejects. The form that there is stays as it is then, and while nothing is chosen: an empty one would delete what
 * is filled in.
 *
 * @param load gives the form, or undefined while nothing is chosen
 */
export async function loadForm(
	context: ILoadOptionsFunctions,
	load: () => Promise<ResourceMapperFields | undefined>,
	target: Target = 'model',
): Promise<ResourceMapperFields> {
	// n8n (2.41.1) does not ask for the form while an expression of the node has no data.
	const nothingChosen = `Choose a ${target} to see its inputs. If you have chosen one, open the node again.`;
	return await load().then(
		(form) => form ?? keptForm(context, nothingChosen),
		(error: unknown) =>
			keptForm(context, escapeHtml(messageInEditor(context, error, RETRY, target))),
	);
}

export function noFields(emptyFieldsNotice: string): ResourceMapperFields {
	return { fields: [], emptyFieldsNotice };
}

function keptForm(context: ILoadOptionsFunctions, otherwise: string): ResourceMapperFields {
	const held = context.getCurrentNodeParameter('inputs') as
		| { schema?: ResourceMapperField[] }
		| undefined;
	const fields = Array.isArray(held?.schema) ? held.schema : [];
	return fields.length > 0 ? { fields } : noFields(otherwise);
}
