/** Keeps the frame standing when a screen breaks, and says so. */
import { Component } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../components/button.tsx';
import { ErrorPanel } from '../components/error-panel.tsx';
import { useMessages } from '../lib/messages/messages.ts';
import { messages } from './messages.ts';

interface State {
  readonly error: unknown;
}

export class ScreenBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return <BrokenScreen error={this.state.error} onRetry={() => this.setState({ error: undefined })} />;
  }
}

function BrokenScreen({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }): ReactNode {
  const t = useMessages(messages);
  return (
    <div className="body pad">
      <h1 className="section-head">{t.screenBroke}</h1>
      <ErrorPanel error={error}>
        <Button variant="primary" onClick={onRetry}>
          {t.reload}
        </Button>
      </ErrorPanel>
    </div>
  );
}
