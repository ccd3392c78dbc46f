"""Has bfcl-eval's own checker judge cases: JSON lines in, a verdict each out; run with its folder as the argument.

Its table of models imports every provider's client and says only which names lose their dots, so one row stands for it.
"""

import json
import sys
import types
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv[1])))
MODELS = types.ModuleType("bfcl_eval.constants.model_config")
MODELS.MODEL_CONFIG_MAPPING = {"plain": types.SimpleNamespace(underscore_to_dot=False)}
sys.modules[MODELS.__name__] = MODELS

from bfcl_eval.constants.enums import Language  # noqa: E402
from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker  # noqa: E402

for line in sys.stdin:
    case = json.loads(line)
    calls = [{call["name"]: call["arguments"]} for call in case["calls"]]
    try:
        found = ast_checker(case["tools"], calls, case["expected"], Language.PYTHON, case["category"], "plain")
        print(json.dumps(found["valid"]))
    except Exception:
        print("null")
