import { WebGLRenderer } from 'three';

new WebGLRenderer({ canvas: document.querySelector<HTMLCanvasElement>('#scene')! });
