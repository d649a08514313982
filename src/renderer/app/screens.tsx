/** The screen of each route. Each is loaded when it is first shown. */
import { lazy, Suspense } from 'react';
import type { ReactNode } from 'react';
import { Skeleton } from '../components/display.tsx';
import { useRoute } from '../lib/router.tsx';
import { ScreenBoundary } from './screen-boundary.tsx';

const OverviewScreen = lazy(async () => ({ default: (await import('../features/overview/overview-screen.tsx')).OverviewScreen }));
const JobsScreen = lazy(async () => ({ default: (await import('../features/jobs/jobs-screen.tsx')).JobsScreen }));
const FirstRunScreen = lazy(async () => ({ default: (await import('../features/first-run/first-run-screen.tsx')).FirstRunScreen }));
const RestoreScreen = lazy(async () => ({ default: (await import('../features/restore/restore-screen.tsx')).RestoreScreen }));
const HealthScreen = lazy(async () => ({ default: (await import('../features/health/health-screen.tsx')).HealthScreen }));
const SettingsScreen = lazy(async () => ({ default: (await import('../features/settings/settings-screen.tsx')).SettingsScreen }));

export function Screen(): ReactNode {
  const route = useRoute();
  return (
    <ScreenBoundary key={route.place}>
      <Suspense fallback={<Skeleton rows={5} />}>{screenOf(route)}</Suspense>
    </ScreenBoundary>
  );
}

function screenOf(route: ReturnType<typeof useRoute>): ReactNode {
  switch (route.place) {
    case 'overview':
      return <OverviewScreen />;
    case 'jobs':
      return <JobsScreen jobId={route.jobId} report={route.page === 'report'} />;
    case 'first-run':
      return <FirstRunScreen />;
    case 'restore':
      return <RestoreScreen />;
    case 'health':
      return <HealthScreen page={route.page} />;
    default:
      return <SettingsScreen page={route.page} />;
  }
}
