import { App } from 'aws-cdk-lib';
import { z } from 'zod';
import { ControlPlaneStack } from '../lib/control-plane-stack.ts';
import { DEFAULT_CONTROL_PLANE } from '../lib/names.ts';
import { readServices, ServiceFilesInvalid } from '../lib/services/read-services.ts';
import { ServiceStack } from '../lib/service-stack.ts';

/** The control plane, and a stack for each service file. The context "services" chooses their folder. */
function synthesize(app: App): void {
  const context = (name: string) => z.string().optional().parse(app.node.tryGetContext(name));
  const files = readServices(context('services') ?? 'services');
  const bundles = context('bundles');
  const props = bundles === undefined ? {} : { bundles };
  const controlPlane = new ControlPlaneStack(app, DEFAULT_CONTROL_PLANE, props);
  for (const file of files) new ServiceStack(app, `${DEFAULT_CONTROL_PLANE}-${file.name}`, { file, controlPlane, ...props });
  app.synth();
}

try {
  synthesize(new App());
} catch (error) {
  if (!(error instanceof ServiceFilesInvalid)) throw error;
  // The operator's doing: the sentences say all, a stack trace would bury them.
  console.error(error.message);
  process.exitCode = 1;
}
