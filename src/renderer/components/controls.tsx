/** Controls of forms: segments, tabs, switch, check box, radios, text field, select. */
import { Check, ChevronsUpDown, Minus } from 'lucide-react';
import { Checkbox as RadixCheckbox, RadioGroup as RadixRadio, Switch as RadixSwitch, Tabs as RadixTabs, ToggleGroup } from 'radix-ui';
import { useId } from 'react';
import type { ComponentProps, ReactNode } from 'react';
import { classes } from './class-names.ts';
import styles from './controls.module.css';

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
  /** A small number behind the label. */
  readonly count?: string;
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly choices: readonly Choice<Value>[];
  readonly onChange: (value: Value) => void;
}

/** One of a few, all in view. */
export function Segments<Value extends string>({ label, value, choices, onChange }: ChoiceProps<Value>): ReactNode {
  const choose = (chosen: string): void => {
    const choice = choices.find((one) => one.value === chosen);
    if (choice !== undefined) onChange(choice.value);
  };
  return (
    <ToggleGroup.Root type="single" className={styles['segments'] ?? ''} aria-label={label} value={value} onValueChange={choose}>
      {choices.map((choice) => (
        <ToggleGroup.Item key={choice.value} value={choice.value} className={styles['segment'] ?? ''}>
          {choice.label}
          {choice.count === undefined ? null : <em>{choice.count}</em>}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

/** Pages of one place. The content of each goes into `TabPage`. */
export function Tabs<Value extends string>({ label, value, choices, onChange, children }: ChoiceProps<Value> & { readonly children: ReactNode }): ReactNode {
  const choose = (chosen: string): void => {
    const choice = choices.find((one) => one.value === chosen);
    if (choice !== undefined) onChange(choice.value);
  };
  return (
    <RadixTabs.Root value={value} onValueChange={choose}>
      <RadixTabs.List className={classes(styles['segments'])} aria-label={label}>
        {choices.map((choice) => (
          <RadixTabs.Trigger key={choice.value} value={choice.value} className={styles['segment'] ?? ''}>
            {choice.label}
          </RadixTabs.Trigger>
        ))}
      </RadixTabs.List>
      {children}
    </RadixTabs.Root>
  );
}

export const TabPage = RadixTabs.Content;

interface SwitchProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  /** The name, where no label stands beside it. */
  readonly label?: string;
  readonly id?: string;
  readonly disabled?: boolean;
}

export function Switch({ checked, onChange, label, id, disabled = false }: SwitchProps): ReactNode {
  return (
    <RadixSwitch.Root className={styles['switch'] ?? ''} checked={checked} onCheckedChange={onChange} disabled={disabled} {...(label === undefined ? {} : { 'aria-label': label })} {...(id === undefined ? {} : { id })}>
      <RadixSwitch.Thumb className={styles['thumb'] ?? ''} />
    </RadixSwitch.Root>
  );
}

interface CheckboxProps extends Omit<SwitchProps, 'checked'> {
  readonly checked: boolean | 'indeterminate';
}

export function Checkbox({ checked, onChange, label, id, disabled = false }: CheckboxProps): ReactNode {
  return (
    <RadixCheckbox.Root className={styles['check'] ?? ''} checked={checked} onCheckedChange={(state) => onChange(state === true)} disabled={disabled} {...(label === undefined ? {} : { 'aria-label': label })} {...(id === undefined ? {} : { id })}>
      <RadixCheckbox.Indicator>{checked === 'indeterminate' ? <Minus size={12} strokeWidth={3} aria-hidden /> : <Check size={12} strokeWidth={3} aria-hidden />}</RadixCheckbox.Indicator>
    </RadixCheckbox.Root>
  );
}

export function Radios<Value extends string>({ label, value, choices, onChange }: ChoiceProps<Value>): ReactNode {
  const id = useId();
  const choose = (chosen: string): void => {
    const choice = choices.find((one) => one.value === chosen);
    if (choice !== undefined) onChange(choice.value);
  };
  return (
    <RadixRadio.Root className={styles['radios'] ?? ''} aria-label={label} value={value} onValueChange={choose}>
      {choices.map((choice) => (
        <div key={choice.value} className={styles['choice']}>
          <RadixRadio.Item value={choice.value} id={`${id}-${choice.value}`} className={styles['radio'] ?? ''} />
          <label htmlFor={`${id}-${choice.value}`}>{choice.label}</label>
        </div>
      ))}
    </RadixRadio.Root>
  );
}

interface FieldProps extends ComponentProps<'input'> {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
}

/** A line of text with its label, hint and error. */
export function Field({ label, hint, error, className, ...rest }: FieldProps): ReactNode {
  const id = useId();
  const described = classes(hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`);
  return (
    <div className={classes(styles['field'], className)}>
      <label className={styles['label']} htmlFor={id}>
        {label}
      </label>
      <input {...rest} id={id} className={styles['input']} {...(error === undefined ? {} : { 'aria-invalid': true })} {...(described === '' ? {} : { 'aria-describedby': described })} />
      {hint === undefined ? null : (
        <div id={`${id}-hint`} className={styles['hint']}>
          {hint}
        </div>
      )}
      {error === undefined ? null : (
        <div id={`${id}-error`} className={styles['error']} role="alert">
          {error}
        </div>
      )}
    </div>
  );
}

/** A line of text without a visible label; `aria-label` names it. */
export function TextInput({ className, ...rest }: ComponentProps<'input'> & { readonly 'aria-label': string }): ReactNode {
  return <input {...rest} className={classes(styles['input'], className)} />;
}

interface SelectProps<Value extends string> extends ChoiceProps<Value> {
  readonly id?: string;
  readonly disabled?: boolean;
}

/** One of many: the system's own list, which every reader and keyboard knows. */
export function Select<Value extends string>({ label, value, choices, onChange, id, disabled = false }: SelectProps<Value>): ReactNode {
  return (
    <span className={styles['selectbox']}>
      <select
        {...(id === undefined ? { 'aria-label': label } : { id })}
        className={styles['select']}
        value={value}
        disabled={disabled}
        onChange={(event) => {
          const choice = choices.find((one) => one.value === event.target.value);
          if (choice !== undefined) onChange(choice.value);
        }}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      <ChevronsUpDown size={14} strokeWidth={1.75} aria-hidden />
    </span>
  );
}
