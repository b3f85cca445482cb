"""10,000 mutated messages, always the same ones: the kernel answers 1+1 after them."""
import json
import random
import unittest

from case import KernelCase
from test_bad_input import DELIMITER

SEED = 20130101
MESSAGES = 10_000
REQUESTS = [
    ("kernel_info_request", {}),
    ("execute_request", {
        "code": "var x = 1;", "silent": False, "store_history": True, "user_expressions": {"a": "x"}, "allow_stdin": False}),
    ("complete_request", {"code": "Console.Wri", "cursor_pos": 11}),
    ("inspect_request", {"code": "Console.WriteLine", "cursor_pos": 9, "detail_level": 0}),
    ("is_complete_request", {"code": "class A {"}),
    ("history_request", {"hist_access_type": "tail", "n": 3, "output": False, "raw": True, "pattern": "*"}),
    ("comm_open", {"comm_id": "c1", "target_name": "nobody", "data": {}}),
    ("comm_msg", {"comm_id": "c1", "data": {"page": 1}}),
    ("comm_close", {"comm_id": "c1", "data": {}}),
    ("comm_info_request", {"target_name": None}),
    ("input_reply", {"status": "ok", "value": "v"}),
    ("debug_request", {"type": "request", "seq": 1, "command": "attach"}),
]
ODD = [None, True, -1, 2**63, 1e308, "", "\ud800", "\u0000", [], {}, [[[[[]]]]], {"a": {"b": {}}}, "x" * 10_000, 10**400]


class Fuzzing(KernelCase):
    def test_10_000_mutated_messages_leave_a_kernel_that_answers(self):
        dice = random.Random(SEED)
        kernel = self.kernel
        for number in range(MESSAGES):
            kernel.send_frames(self.mutated(dice), dice.choice(("shell", "shell", "control", "stdin")))
            if number % 500 == 499:
                self.assertEqual("kadali", kernel.ask("kernel_info_request", {}, "control", timeout=60)["implementation"])
                kernel.by_parent.clear()

        # What was mutated may still fail, and a cell that waits behind it is then aborted.
        while kernel.run("", timeout=120).status == "aborted":
            pass
        self.assertEqual("2", kernel.run("1+1", timeout=120).result)

    def mutated(self, dice):
        session = self.kernel.session
        kind, content = dice.choice(REQUESTS)
        message = session.msg(kind, json.loads(json.dumps(content)))
        parts = {name: json.loads(json.dumps(message[name], default=str)) for name in ("header", "parent_header", "metadata", "content")}
        how = dice.randrange(5)
        if how < 2:
            self.change_fields(dice, parts)
        body = [json.dumps(part).encode() for part in parts.values()]
        if how == 2:
            body = [self.change_bytes(dice, part) for part in body]
        frames = [DELIMITER, session.sign(body), *body]
        if how == 3:
            frames = [self.change_bytes(dice, frame) if dice.random() < 0.4 else frame for frame in frames]
        if how == 4:
            self.change_frames(dice, frames)
        return frames

    @staticmethod
    def change_fields(dice, parts):
        for _ in range(dice.randint(1, 3)):
            part = dice.choice(list(parts))
            fields = parts[part]
            if dice.random() < 0.1 or not isinstance(fields, dict):
                parts[part] = dice.choice(ODD)
            elif not fields or dice.random() < 0.2:
                fields[f"extra{dice.randrange(9)}"] = dice.choice(ODD)
            elif dice.random() < 0.3:
                del fields[dice.choice(list(fields))]
            else:
                fields[dice.choice(list(fields))] = dice.choice(ODD)

    @staticmethod
    def change_bytes(dice, data):
        changed = bytearray(data)
        for _ in range(dice.randint(1, 8)):
            at = dice.randrange(len(changed) + 1)
            match dice.randrange(3):
                case 0:
                    changed[at:at] = dice.randbytes(dice.randint(1, 9))
                case 1:
                    del changed[at:at + dice.randint(1, 20)]
                case _:
                    changed[at:at + 1] = bytes([dice.randrange(256)])
        return bytes(changed)

    @staticmethod
    def change_frames(dice, frames):
        for _ in range(dice.randint(1, 3)):
            at = dice.randrange(len(frames) + 1)
            match dice.randrange(4):
                case 0:
                    frames.insert(at, dice.randbytes(dice.randrange(100)))
                case 1 if len(frames) > 1:
                    del frames[at % len(frames)]
                case 2:
                    frames.insert(at, frames[at % len(frames)])
                case _:
                    dice.shuffle(frames)


if __name__ == "__main__":
    unittest.main()
