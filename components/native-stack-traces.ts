/**
 * Pulumi's runner has every stack trace mapped by source-map-support, and asks for one with each of thousands of
 * promises: a third of this program's time (profiled with @pulumi/pulumi 3.259). Types are stripped in place here, so
 * positions are true as they are, and Node's own traces do.
 */
Reflect.deleteProperty(Error, "prepareStackTrace");
