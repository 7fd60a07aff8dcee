"""What one student tries to see of others', of the teacher's and of the hub's, and must not."""

import pwd
from concurrent.futures import ThreadPoolExecutor

from machine import shell

EXCHANGE = "/usr/local/share/nbgrader/exchange"
COURSE = "/home/teacher/course/notebooks/homework"
READ = {  # a command, and who may give it
    "ls /home/ada": "ada",
    "cat /home/ada/gan/hw1/hw1.ipynb": "ada",
    "ls -R /home/ada/.local/share/jupyter/nbgrader_cache": "ada",
    f"cat {COURSE}/class/source/hw1/hw1.ipynb": "teacher",
    f"cat {COURSE}/hw1.ipynb": "teacher",
    f"ls {EXCHANGE}/gan/inbound": "teacher",
    "ls /opt/gan/notebooks/homework": None,
    "ls /srv/jupyterhub": None,
}
CHANGE = [  # commands that nobody but the teacher gives, and that are not tried as the teacher
    f"mv {EXCHANGE}/gan {EXCHANGE}/gone",
    f"rm -r {EXCHANGE}/gan/outbound/hw1",
    f"touch {EXCHANGE}/gan/outbound/hw1/hint.txt",
    "touch /opt/gan/gan_checks/mine.py",
]
PAGES = ["user/ada/lab", "user/ada/api/contents/gan", "user/teacher/formgrader/manage_assignments"]
SPY = """
import zmq
fields = [line.split() for line in open('/proc/net/tcp')]
theirs = [field[1] for field in fields if field[3] == '0A' and field[7] == '{uid}']
ear = zmq.Context().socket(zmq.SUB)
ear.subscribe(b'')
for address in theirs:
    ear.connect('tcp://127.0.0.1:%d' % int(address.split(':')[1], 16))
print('listened at', len(theirs), 'ports')
while ear.poll(15_000):
    print('heard', ear.recv_multipart())
"""


def no_way_through(student):
    """Try all; returns how many were tried."""
    for command, owner in READ.items():
        assert shell(command, owner)[0] == 0, f"proves nothing: {owner} cannot {command}"
        refused(command, student)
    for command in CHANGE:
        refused(command, student)
    for page in PAGES:
        assert student.status(f"/{page}") in (403, 404), page
    assert student.status(f"/user/{student.name}/api/contents/gan") == 200
    return f"{len(READ) + len(CHANGE)} commands and {len(PAGES)} pages refused"


def refused(command, student):
    status, said = shell(command, student.name, check=False)
    assert status != 0 and ("denied" in said or "not permitted" in said), f"{command}: {said}"


def listen(student, other):
    """Listen to all ports of another while they run their notebook; nothing must come."""
    spy = SPY.format(uid=pwd.getpwnam(other.name).pw_uid)
    with ThreadPoolExecutor() as background:
        heard = background.submit(shell, f'/opt/gan/.venv/bin/python -c "{spy}"', student.name)
        other.page.wait_for_timeout(5000)
        assert "✓" in other.run_all()["test_conditional"]
        said = heard.result()[1]
    assert "listened at" in said and "at 0" not in said and "heard" not in said, said
    return said.strip()
