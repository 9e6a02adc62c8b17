"""What a program that runs has said so far."""
from harness.programs import Program, wait_until


def test_of_a_program_that_runs_only_whole_lines_are_read():
    program = Program("/bin/sh", "-c", "printf 'whole\\nhalf'; exec sleep 60")
    try:
        wait_until(lambda: program.text() == "whole\n", 10, program.text)
    finally:
        program.kill()
    assert program.text() == "whole\nhalf"
