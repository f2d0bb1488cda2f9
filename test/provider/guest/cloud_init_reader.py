"""Reads documents as cloud-init does in a guest.

Standard input: {"folder": …, "cases": [CASE, …]}, and a case is one of
  {"keys": {guestinfo key without "guestinfo.": text}, "macs": [[name, mac]]}
  {"seed": {name of a file: text}}
Standard output: for each case what the VMware data source found and what each renderer made of the network.
"""

import contextlib
import glob
import io
import json
import logging
import os
import sys

from cloudinit import helpers
from cloudinit.cmd.devel import net_convert
from cloudinit.distros import ug_util
from cloudinit.sources import DataSourceVMware as vmware

RENDERERS = {
    "netplan": "debian",
    "networkd": "debian",
    "eni": "debian",
    "sysconfig": "rhel",
    "network-manager": "fedora",
}


class Distro:
    """The little that the data source asks of one."""

    name = "debian"
    default_locale = "C.UTF-8"

    def generate_fallback_config(self):
        return "FALLBACK"

    def get_default_user(self):
        return {"name": "debian"}

    def __getattr__(self, name):
        return lambda *a, **k: None


def read(keys, folder):
    for name in list(os.environ):
        if name.startswith("VMX_GUESTINFO"):
            del os.environ[name]
    os.environ["VMX_GUESTINFO"] = "1"
    for key, value in keys.items():
        os.environ["VMX_GUESTINFO_" + key.upper().replace(".", "_")] = value
    paths = helpers.Paths({"cloud_dir": folder + "/cloud", "run_dir": folder + "/run"})
    source = vmware.DataSourceVMware({}, Distro(), paths)
    found = source._get_data()
    hostname = source.get_hostname()
    fqdn = source.get_hostname(fqdn=True)
    return {
        "found": found,
        # Newer releases answer with more than the name.
        "hostname": getattr(hostname, "hostname", hostname),
        "fqdn": getattr(fqdn, "hostname", fqdn),
        "network": source.network_config,
        "keys": source.get_public_ssh_keys(),
        "vendordata": source.vendordata_raw,
        "userdata": source.userdata_raw,
        "metadata": source.metadata,
        "hasInstanceId": bool(source.metadata.get("instance-id")),
    }


def read_seed(seed, folder):
    """What the data source NoCloud finds in a seed's files."""
    from cloudinit.sources import DataSourceNoCloud as nocloud

    paths = helpers.Paths({"cloud_dir": folder + "/cloud", "run_dir": folder + "/run"})
    place = paths.seed_dir + "/nocloud"
    os.makedirs(place)
    for name, text in seed.items():
        with open("%s/%s" % (place, name), "w") as file:
            file.write(text)
    source = nocloud.DataSourceNoCloud({}, Distro(), paths)
    found = source._get_data()
    hostname = source.get_hostname()
    return {
        "found": found,
        "hostname": getattr(hostname, "hostname", hostname),
        "network": source.network_config,
        "keys": source.get_public_ssh_keys(),
        "vendordata": decoded(source.vendordata_raw),
        "userdata": decoded(source.userdata_raw),
        "metadata": source.metadata,
        "hasInstanceId": bool(source.metadata.get("instance-id")),
    }


def decoded(data):
    return data.decode() if isinstance(data, bytes) else data


def users(vendordata):
    import yaml

    config = yaml.safe_load(vendordata or "{}") or {}
    found, _ = ug_util.normalize_users_groups(config, Distro())
    return found


def render(network, macs, folder):
    made = {}
    source = folder + "/network.yaml"
    os.makedirs(folder, exist_ok=True)
    with open(source, "w") as file:
        json.dump(network, file)
    for kind, distro in RENDERERS.items():
        out = "%s/%s" % (folder, kind)
        words = ["-p", source, "-k", "yaml", "-d", out, "-D", distro, "-O", kind]
        for name, mac in macs:
            words += ["-m", "%s,%s" % (name, mac)]
        errors = io.StringIO()
        log = logging.StreamHandler(errors)
        log.setLevel(logging.WARNING)
        logging.getLogger().addHandler(log)
        text = ""
        try:
            with contextlib.redirect_stderr(io.StringIO()):
                net_convert.handle_args("net-convert", net_convert.get_parser().parse_args(words))
            for path in sorted(glob.glob(out + "/**", recursive=True)):
                if os.path.isfile(path):
                    with open(path) as file:
                        text += "## %s\n%s\n" % (path[len(out) + 1 :], file.read())
        except Exception as error:
            errors.write("%s: %s" % (type(error).__name__, error))
        finally:
            logging.getLogger().removeHandler(log)
        made[kind] = {"text": text, "errors": errors.getvalue()}
    return made


def main():
    given = json.load(sys.stdin)
    answers = []
    for index, case in enumerate(given["cases"]):
        folder = "%s/%d" % (given["folder"], index)
        answer = read_seed(case["seed"], folder) if "seed" in case else read(case["keys"], folder)
        answer["users"] = users(answer["vendordata"] or answer["userdata"])
        if case.get("macs"):
            answer["rendered"] = render(answer["network"], case["macs"], folder)
        answers.append(answer)
    json.dump(answers, sys.stdout, default=str)


main()
