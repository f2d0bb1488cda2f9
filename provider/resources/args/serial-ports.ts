import type * as pulumi from "@pulumi/pulumi";

/** A serial port of a virtual machine: one of `file`, `networkUri` and `hostDevice`. Changed with one power cycle. */
export interface SerialPortArgs {
  /** Path of a file on a datastore that gets all output, `[datastore1] logs/vm.txt`; its folder must exist. */
  file?: pulumi.Input<string> | undefined;
  /** Where the port is on the network: `telnet://:7000`, `tcp://192.0.2.1:7000` and the like. */
  networkUri?: pulumi.Input<string> | undefined;
  /** With `networkUri`: whether the VM waits for calls (`server`, the default) or calls (`client`). */
  direction?: pulumi.Input<"server" | "client"> | undefined;
  /** With `networkUri`: the virtual serial port concentrator that the connection goes through. */
  proxyUri?: pulumi.Input<string> | undefined;
  /** Name of a serial port of the host, `/dev/char/serial/uart0`. */
  hostDevice?: pulumi.Input<string> | undefined;
  /** Whether the guest gives up its CPU while it waits for the port. Default true. */
  yieldOnPoll?: pulumi.Input<boolean> | undefined;
}
