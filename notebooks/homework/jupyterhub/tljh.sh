# The Littlest JupyterHub for this course, on a new Ubuntu server. NOT TRIED: from its documentation,
# https://tljh.jupyter.org/. Read it, replace ADDRESS, and type it as root, part by part.

# The hub. "admin" becomes root on this machine, and sets a password when first logging in.
curl -L https://tljh.jupyter.org/bootstrap.py | python3 - --admin admin
/opt/tljh/user/bin/python --version # the course needs 3.11 or newer

# The course, in the environment that all users share.
git clone ADDRESS /opt/gan && cd /opt/gan && chmod 700 notebooks/homework
/opt/tljh/user/bin/pip install -r requirements-instructor.txt
cd notebooks/homework/jupyterhub
install -D --mode=644 --target-directory=/opt/tljh/user/etc/jupyter jupyter_server_config.py nbgrader_config.py
install --directory --mode=1777 /usr/local/share/nbgrader/exchange
for part in formgrader course-list create-assignment; do
    /opt/tljh/user/bin/jupyter labextension disable --level=sys_prefix @jupyter/nbgrader:$part
done
install --directory /etc/skel/gan && cp /opt/gan/notebooks/[0-9]*.ipynb /etc/skel/gan/

# Limits, JupyterLab, one thread for each kernel, and who may come.
tljh-config set limits.memory 1536M
tljh-config set limits.cpu 2
tljh-config set user_environment.default_app jupyterlab
echo 'c.Spawner.environment = {"OMP_NUM_THREADS": "1"}' > /opt/tljh/config/jupyterhub_config.d/gan.py
for name in teacher ada ben cleo; do
    tljh-config add-item users.allowed "$name"
done
tljh-config reload

# Then "teacher" logs in, and types in a terminal:
#     git clone ADDRESS course
#     install -D course/notebooks/homework/jupyterhub/teacher_nbgrader_config.py .jupyter/nbgrader_config.py
# and File -> Hub Control Panel -> Stop My Server, Start My Server.
