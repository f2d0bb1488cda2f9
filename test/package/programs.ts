/** The projects that users make, file by file. */

export const pulumiYaml = (description: string, packageManager = "npm") => `name: lab
description: ${description}
runtime:
  name: nodejs
  options:
    packagemanager: ${packageManager}
`;

const DEPENDENCIES = `"dependencies": {
        "@pulumi/pulumi": "^3.113.0",
        "pulumi-esxi-direct": "*"
    }`;

/** As `pulumi new typescript` makes it: CommonJS, ts-node with its type check. */
export const typescriptProject = {
  "Pulumi.yaml": pulumiYaml("A minimal TypeScript Pulumi program"),
  "package.json": `{
    "name": "lab",
    "main": "index.ts",
    "devDependencies": {
        "@types/node": "^18",
        "typescript": "^5.0.0"
    },
    ${DEPENDENCIES}
}
`,
  "tsconfig.json": `{
    "compilerOptions": {
        "strict": true,
        "outDir": "bin",
        "target": "es2020",
        "module": "commonjs",
        "moduleResolution": "node",
        "sourceMap": true,
        "experimentalDecorators": true,
        "pretty": true,
        "noFallthroughCasesInSwitch": true,
        "noImplicitReturns": true,
        "forceConsistentCasingInFileNames": true
    },
    "files": [
        "index.ts"
    ]
}
`,
  "index.ts": `import * as pulumi from "@pulumi/pulumi";
import { OvaDeployment, OvaDeploymentArgs } from "pulumi-esxi-direct";

const args: OvaDeploymentArgs = {
    ovaPath: "tinyVM.ova",
    memory: pulumi.output(256),
    annotation: undefined,
};
const vm = new OvaDeployment("tiny", args);
const again = new OvaDeployment("second", { ovaPath: args.ovaPath, powerOn: false }, { dependsOn: vm });

export const vmxPath: pulumi.Output<string> = vm.vmxPath;
export const powerState = vm.powerState;
export const memory: pulumi.Output<number> = vm.memory;
export const second = pulumi.interpolate\`\${again.name} \${again.powerState}\`;
`,
};

/** Plain JavaScript with `import`. */
export const moduleProject = {
  "Pulumi.yaml": pulumiYaml("A program of ECMAScript modules"),
  "package.json": `{
    "name": "lab",
    "type": "module",
    "main": "index.js",
    ${DEPENDENCIES}
}
`,
  "index.js": `import { OvaDeployment } from "pulumi-esxi-direct";

const vm = new OvaDeployment("tiny", { ovaPath: "tinyVM.ova", memory: 256 });
export const { vmxPath, powerState, memory } = vm;
`,
};

/** Plain JavaScript with `require`, as `pulumi new javascript` makes it. */
export const commonJsProject = {
  "Pulumi.yaml": pulumiYaml("A minimal JavaScript Pulumi program"),
  "package.json": `{
    "name": "lab",
    "main": "index.js",
    ${DEPENDENCIES}
}
`,
  "index.js": `"use strict";
const { OvaDeployment } = require("pulumi-esxi-direct");

const vm = new OvaDeployment("tiny", { ovaPath: "tinyVM.ova", memory: 256 });
exports.vmxPath = vm.vmxPath;
exports.powerState = vm.powerState;
exports.memory = vm.memory;
`,
};
