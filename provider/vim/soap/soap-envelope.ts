import type { ManagedObjectReference, Method } from "../../../schema/index.ts";
import { findManagedObject, isSubtype } from "../../../schema/index.ts";
import { faultDetailReader, propertiesReader } from "../codec/decode.ts";
import { encodeParameters } from "../codec/encode.ts";
import { isReference } from "../codec/objects.ts";
import { requireDeclaredTypes } from "../codec/property-values.ts";
import { type ElementReader, readXml, XmlError } from "../codec/xml-reader.ts";
import { escapeXml } from "../codec/xml-text.ts";
import type { FaultDetail } from "../faults.ts";

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ' +
  'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>';
const TAIL = "</soapenv:Body></soapenv:Envelope>";

/** The content of an answer: the method's result, or the fault. */
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

/** Reads a SOAP answer. Throws XmlError if it is no SOAP answer, or does not fit the schema of this method. */
export function decodeAnswer(method: Method, text: string): Answer {
  let answer: Answer | undefined;
  const body: ElementReader = {
    child(name) {
      if (name === "Fault") {
        return faultReader((fault) => {
          answer = fault;
        });
      }
      if (name !== `${method.name}Response`) return undefined;
      return propertiesReader(method.result ? [method.result] : [], ({ returnval }) => {
        answer ??= { result: returnval };
      });
    },
  };
  readXml(text, onlyChild("Envelope", onlyChild("Body", body)));
  if (answer === undefined) throw new XmlError(`the answer is not one to ${method.name}`);
  if ("result" in answer) {
    requireDeclaredObject(method, answer.result);
    requireDeclaredTypes(answer.result);
  }
  return answer;
}

/** Inside of objects hosts are less strict: the entity of a task may be a manager. */
function requireDeclaredObject({ result: declared }: Method, result: unknown): void {
  if (!declared?.reference || !isReference(result) || isSubtype(result.type, declared.type)) return;
  if (findManagedObject(result.type)) {
    throw new XmlError(`a ${result.type} stands where a ${declared.type} belongs`);
  }
}

function onlyChild(expected: string, reader: ElementReader): ElementReader {
  return { child: (name) => (name === expected ? reader : undefined) };
}

function faultReader(take: (fault: Answer) => void): ElementReader {
  let message = "";
  let detail: FaultDetail = { $type: "RuntimeFault" };
  return {
    child(name) {
      if (name === "faultstring") {
        return {
          text(piece) {
            message += piece;
          },
        };
      }
      if (name !== "detail") return undefined;
      return faultDetailReader((found) => {
        detail = found;
      });
    },
    end: () => take({ fault: detail, message: message.trim() }),
  };
}
