import type { ManagedObjectReference, Method } from "../../../schema/index.ts";
import { decodeFaultDetail, decodeProperty } from "../codec/decode.ts";
import { encodeParameters } from "../codec/encode.ts";
import { childNode, escapeXml, parseXml, textOf, XmlError } from "../codec/xml.ts";
import type { FaultDetail } from "../faults.ts";

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ' +
  'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>';
const TAIL = "</soapenv:Body></soapenv:Envelope>";

/** What an answer holds: what the method returned, or the fault. */
export type Answer = { readonly result: unknown } | { readonly fault: FaultDetail; readonly message: string };

/** The SOAP request of one call. Throws EncodeError. */
export function encodeRequest(
  self: ManagedObjectReference,
  method: Method,
  parameters: object,
  version: number,
): string {
  const target = `<_this type="${escapeXml(self.type)}">${escapeXml(self.value)}</_this>`;
  const body = encodeParameters(method, parameters, version);
  return `${HEAD}<${method.name} xmlns="urn:vim25">${target}${body}</${method.name}>${TAIL}`;
}

/** Reads a SOAP answer. Throws XmlError if the text is none. */
export function decodeAnswer(method: Method, text: string): Answer {
  const envelope = childNode(parseXml(text), "Envelope");
  const body = envelope && childNode(envelope, "Body");
  if (!body || !/<\/[^<>]*Envelope\s*>\s*$/.test(text.slice(-200))) {
    throw new XmlError("the answer is not a complete SOAP envelope");
  }
  const fault = childNode(body, "Fault");
  if (fault) {
    const message = childNode(fault, "faultstring");
    const detail = decodeFaultDetail(childNode(fault, "detail"));
    return { fault: detail, message: message ? textOf(message).trim() : "" };
  }
  const response = childNode(body, `${method.name}Response`);
  if (!response) throw new XmlError(`the answer is not one to ${method.name}`);
  return { result: method.result === undefined ? undefined : decodeProperty(method.result, response) };
}
