/** SOAP envelopes, in and out. */
import { encode } from "./encode.ts";
import { invalidRequest, type VimFault } from "./fault.ts";
import { escapeXml, parseXml, type XmlElement, XmlError } from "./xml.ts";

const SOAP = "http://schemas.xmlsoap.org/soap/envelope/";

/**
 * The element inside the body, which is the called method.
 *
 * @throws VimFault InvalidRequest, with hostd's text
 */
export function readCall(text: string): XmlElement {
  let envelope: XmlElement;
  try {
    envelope = parseXml(text);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw invalidRequest(
      `Error returned by expat parser: ${error.message}\n\nwhile parsing HTTP request before method was determined\nat line 1, column 0`,
    );
  }
  if (envelope.name !== "Envelope" || envelope.namespace !== SOAP) {
    throw invalidRequest(`Unexpected element tag "${envelope.name}" seen\n\nwhile parsing SOAP envelope`);
  }
  for (const child of envelope.children) {
    if (child.namespace !== SOAP || !["Header", "Body"].includes(child.name)) {
      throw invalidRequest(`Unexpected element tag "${child.name}" seen\n\nwhile parsing SOAP envelope`);
    }
  }
  const calls = envelope.children.find((child) => child.name === "Body")?.children ?? [];
  const call = calls[0];
  if (call === undefined || calls.length > 1) {
    throw invalidRequest("Exactly one method call is expected\n\nwhile parsing SOAP body");
  }
  if (
    call.namespace !== "urn:vim25" &&
    call.namespace !== "urn:vim2" &&
    call.namespace !== "urn:internalvim25"
  ) {
    throw invalidRequest(
      `Unsupported namespace "${call.namespace ?? ""}" in content of SOAP body\n\nwhile parsing SOAP body`,
    );
  }
  return call;
}

function envelope(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"
 xmlns:soapenv="${SOAP}"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<soapenv:Body>
${body}
</soapenv:Body>
</soapenv:Envelope>`;
}

/** @param inner the encoded `<returnval>` elements, or "" */
export function writeResponse(method: string, inner: string): string {
  return envelope(`<${method}Response xmlns="urn:vim25">${inner}</${method}Response>`);
}

export function writeFault(fault: VimFault, version: number): string {
  const declared = { type: fault.type, array: false, reference: false };
  const detail = encode(`${fault.type}Fault`, fault.detail, declared, version).replace(
    `<${fault.type}Fault`,
    `<${fault.type}Fault xmlns="urn:vim25" xsi:type="${fault.type}"`,
  );
  return envelope(
    `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>${escapeXml(fault.message)}</faultstring><detail>${detail}</detail></soapenv:Fault>`,
  );
}
