import { App } from 'aws-cdk-lib';
import { z } from 'zod';
import { ControlPlaneStack } from '../lib/control-plane-stack.ts';
import { DEFAULT_CONTROL_PLANE } from '../lib/names.ts';
import { readServices } from '../lib/read-services.ts';
import { ServiceStack } from '../lib/service-stack.ts';

const app = new App();
const context = (name: string) => z.string().optional().parse(app.node.tryGetContext(name));
const bundles = context('bundles');
const props = bundles === undefined ? {} : { bundles };

const controlPlane = new ControlPlaneStack(app, DEFAULT_CONTROL_PLANE, props);
for (const file of readServices(context('services') ?? 'services')) {
  new ServiceStack(app, `${DEFAULT_CONTROL_PLANE}-${file.name}`, { file, controlPlane, ...props });
}
app.synth();
