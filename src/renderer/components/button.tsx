/** Buttons: plain, primary, dangerous, quiet; with an icon, or an icon alone with a name and a tooltip. */
import type { LucideIcon } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import styles from './button.module.css';
import { classes } from './class-names.ts';
import { Tooltip } from './tooltip.tsx';

interface Look {
  readonly variant?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly size?: 'normal' | 'small';
}

interface ButtonProps extends ComponentProps<'button'>, Look {
  readonly icon?: LucideIcon;
}

export function Button({ variant = 'plain', size = 'normal', icon: Icon, className, children, ...rest }: ButtonProps): ReactNode {
  return (
    <button type="button" {...rest} className={classes(styles['button'], variant !== 'plain' && styles[variant], size === 'small' && styles['small'], className)}>
      {Icon === undefined ? null : <Icon size={size === 'small' ? 13 : 15} strokeWidth={1.75} aria-hidden />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'>, Look {
  /** Name for everyone who does not see the icon, and in the tooltip. */
  readonly label: string;
  readonly icon: LucideIcon;
  /** In the tooltip behind the name, as in "Ctrl K". */
  readonly keys?: string;
}

export function IconButton({ label, icon: Icon, keys, variant = 'quiet', size = 'normal', className, ...rest }: IconButtonProps): ReactNode {
  return (
    <Tooltip text={label} {...(keys === undefined ? {} : { keys })}>
      <button type="button" aria-label={label} {...rest} className={classes(styles['button'], styles['icon'], variant !== 'plain' && styles[variant], size === 'small' && styles['small'], className)}>
        <Icon size={size === 'small' ? 15 : 16} strokeWidth={1.75} aria-hidden />
      </button>
    </Tooltip>
  );
}

/** A button and the menu's button beside it. */
export function SplitButton({ children }: { readonly children: ReactNode }): ReactNode {
  return <span className={styles['split']}>{children}</span>;
}
