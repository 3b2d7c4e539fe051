import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';
import { showFor } from './operation';

/** n8n (2.41.1) shows a resource locator to conditions by its value, an expression as its text. */
const BY_EXPRESSION = [{ _cnd: { startsWith: '=' } }];

/** A form that follows what is chosen in a list, with JSON in its place, also where the choice is an expression. */
interface LoadedForm {
	/** With fields, and with JSON: there are two ways to it. */
	inForm: IDisplayOptions;
	inJson: IDisplayOptions[];
	/** @param showsRequired whether n8n shows what is required, or what each field says of itself (2.41.1) */
	inputs(valuesLabel: string, showsRequired: boolean): INodeProperties;
	specifyInputs(description: string): INodeProperties;
}

/** @param chosen the name of the resource locator */
export function loadedForm(chosen: string): LoadedForm {
	const isKnown = { hide: { [chosen]: BY_EXPRESSION } };
	const when = (way: string): IDisplayOptions => ({
		...showFor(['generate', 'submit'], { specifyInputs: [way] }),
		...isKnown,
	});
	const inForm = when('fields');
	return {
		inForm,
		inJson: [when('json'), showFor(['generate', 'submit'], { [chosen]: BY_EXPRESSION })],
		inputs: (valuesLabel, showsRequired) => ({
			displayName: 'Inputs',
			name: 'inputs',
			type: 'resourceMapper',
			noDataExpression: true,
			default: { mappingMode: 'defineBelow', value: null },
			required: true,
			typeOptions: {
				loadOptionsDependsOn: [`${chosen}.value`],
				resourceMapper: {
					resourceMapperMethod: 'getInputs',
					mode: 'add',
					valuesLabel,
					fieldWords: { singular: 'input', plural: 'inputs' },
					addAllFields: !showsRequired,
					supportAutoMap: false,
					refreshStaleSchemaOnOpen: true,
					refreshIncompleteSchemaOnOpen: true,
				},
			},
			displayOptions: inForm,
		}),
		specifyInputs: (description) => specifyInputs(description, isKnown),
	};
}

/** Whether to fill in a form or to enter JSON. */
export function specifyInputs(description: string, also: IDisplayOptions = {}): INodeProperties {
	return {
		displayName: 'Specify Inputs',
		name: 'specifyInputs',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Using Fields', value: 'fields' },
			{ name: 'Using JSON', value: 'json' },
		],
		default: 'fields',
		displayOptions: { ...showFor(['generate', 'submit']), ...also },
		description,
		hint: 'Switching empties the fields that it hides',
	};
}
