"""Renders a scene that `benchmarks.peers` wrote with Blender's Cycles, and says how long a frame takes.

    PYTHON_WITH_BPY cycles_scene.py SCENE.npz SAMPLES PICTURE.png

A program of its own for an interpreter that has bpy (GPL-3); nothing of Ceteris imports it, and it imports nothing of
Ceteris. The last line that it writes is a JSON list of seconds, one for each pose.
"""

from __future__ import annotations

import json
import sys
import time

import bpy
import numpy as np
from mathutils import Matrix


def material(name: str, texture: np.ndarray, roughness: float, cut: bool):
    """A Principled material with an image texture (H, W, 4) uint8."""
    image = bpy.data.images.new(name, texture.shape[1], texture.shape[0], alpha=True)
    image.pixels.foreach_set((texture[::-1].astype(np.float32) / 255.0).ravel())
    out = bpy.data.materials.new(name)
    out.use_nodes = True
    shader = out.node_tree.nodes["Principled BSDF"]
    shader.inputs["Roughness"].default_value = roughness
    node = out.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    out.node_tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    if cut:
        out.node_tree.links.new(node.outputs["Alpha"], shader.inputs["Alpha"])
    return out


def mesh(scene, prefix: str):
    """The object whose arrays begin with `prefix`, and its mesh."""
    points, faces, uv = (scene[f"{prefix}_{name}"] for name in ("points", "faces", "uv"))
    data = bpy.data.meshes.new(prefix)
    data.from_pydata(points.tolist(), [], faces.tolist())
    layer = data.uv_layers.new(name="uv")
    layer.uv.foreach_set("vector", uv[faces.ravel()].astype(np.float32).ravel())
    for k in range(int(scene[f"{prefix}_materials"])):
        texture = scene[f"{prefix}_texture{k}"]
        roughness, cut = scene[f"{prefix}_look"][k]
        data.materials.append(material(f"{prefix}{k}", texture, float(roughness), bool(cut)))
    data.polygons.foreach_set("material_index", scene[f"{prefix}_material"].astype(np.int32))
    data.polygons.foreach_set("use_smooth", np.ones(len(faces), bool))
    data.update()
    bpy.context.scene.collection.objects.link(bpy.data.objects.new(prefix, data))
    return data


def light_and_camera(scene) -> None:
    """A sun, an even sky and the camera."""
    lamp = bpy.data.lights.new("sun", "SUN")
    lamp.energy, lamp.angle = 3.0, 0.0093
    sun = bpy.data.objects.new("sun", lamp)
    sun.matrix_world = Matrix(scene["sun"].tolist())
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.55, 0.7, 0.95, 1.0)
    eye = bpy.data.cameras.new("camera")
    eye.sensor_fit, eye.angle = "HORIZONTAL", float(scene["fov"])
    camera = bpy.data.objects.new("camera", eye)
    camera.matrix_world = Matrix(scene["camera"].tolist())
    stage = bpy.context.scene
    stage.world, stage.camera = world, camera
    for thing in (sun, camera):
        stage.collection.objects.link(thing)


def settings(width: int, height: int, samples: int) -> None:
    """Cycles on the CPU; the scene's data stay between frames, as anyone who renders many would have it."""
    render = bpy.context.scene.render
    render.engine, render.resolution_x, render.resolution_y = "CYCLES", width, height
    render.resolution_percentage, render.use_persistent_data = 100, True
    cycles = bpy.context.scene.cycles
    cycles.device, cycles.samples, cycles.use_denoising, cycles.use_adaptive_sampling = "CPU", samples, False, False


def main(path: str, samples: str, picture: str) -> None:
    """Renders every pose and prints how long each took."""
    scene = np.load(path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    mesh(scene, "place")
    person = mesh(scene, "person")
    light_and_camera(scene)
    settings(int(scene["size"][0]), int(scene["size"][1]), int(samples))
    bpy.context.scene.render.filepath = picture
    seconds = []
    for points in scene["poses"]:
        start = time.perf_counter()
        person.vertices.foreach_set("co", points.astype(np.float32).ravel())
        person.update()
        bpy.ops.render.render(write_still=True)
        seconds.append(time.perf_counter() - start)
    sys.stdout.write("\n" + json.dumps(seconds) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:4])
